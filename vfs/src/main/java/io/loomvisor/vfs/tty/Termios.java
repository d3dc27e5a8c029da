package io.loomvisor.vfs.tty;

import io.loomvisor.gofer.abi.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The attributes of a terminal (termios(3), include/uapi/asm-generic/termbits.h). Immutable.
 *
 * @param controls the 19 control characters; never changed
 * @param inputSpeed baud
 */
public record Termios(
    int input,
    int output,
    int control,
    int local,
    byte discipline,
    byte[] controls,
    int inputSpeed,
    int outputSpeed) {
  // Input flags.
  public static final int BRKINT = 0x2;
  public static final int PARMRK = 0x8;
  public static final int ISTRIP = 0x20;
  public static final int INLCR = 0x40;
  public static final int IGNCR = 0x80;
  public static final int ICRNL = 0x100;
  public static final int IUCLC = 0x200;
  public static final int IXON = 0x400;
  public static final int IXANY = 0x800;
  public static final int IUTF8 = 0x4000;

  // Output flags.
  public static final int OPOST = 0x1;
  public static final int OLCUC = 0x2;
  public static final int ONLCR = 0x4;
  public static final int OCRNL = 0x8;
  public static final int ONOCR = 0x10;
  public static final int ONLRET = 0x20;
  public static final int TABDLY = 0x1800;
  public static final int XTABS = 0x1800;

  // Control flags.
  public static final int CBAUD = 0x100f;
  public static final int B38400 = 0xf;
  public static final int CSIZE = 0x30;
  public static final int CS8 = 0x30;
  public static final int CREAD = 0x80;
  public static final int PARENB = 0x100;
  public static final int CLOCAL = 0x800;

  // Local flags.
  public static final int ISIG = 0x1;
  public static final int ICANON = 0x2;
  public static final int ECHO = 0x8;
  public static final int ECHOE = 0x10;
  public static final int ECHOK = 0x20;
  public static final int ECHONL = 0x40;
  public static final int NOFLSH = 0x80;
  public static final int TOSTOP = 0x100;
  public static final int ECHOCTL = 0x200;
  public static final int ECHOPRT = 0x400;
  public static final int ECHOKE = 0x800;
  public static final int IEXTEN = 0x8000;
  public static final int EXTPROC = 0x10000;

  // Indices of control characters.
  public static final int VINTR = 0;
  public static final int VQUIT = 1;
  public static final int VERASE = 2;
  public static final int VKILL = 3;
  public static final int VEOF = 4;
  public static final int VTIME = 5;
  public static final int VMIN = 6;
  public static final int VSTART = 8;
  public static final int VSTOP = 9;
  public static final int VSUSP = 10;
  public static final int VEOL = 11;
  public static final int VREPRINT = 12;
  public static final int VWERASE = 14;
  public static final int VLNEXT = 15;
  public static final int VEOL2 = 16;

  /** struct termios: four words of flags, c_line, 19 characters. */
  public static final int SIZE = 36;

  /** struct termios2: the same and two speeds. */
  public static final int SIZE2 = 44;

  /** struct termio: four half-words of flags, c_line, 8 characters, padded. */
  public static final int SIZE_OLD = 18;

  private static final int CONTROLS = 19;
  private static final int OLD_CONTROLS = 8;
  private static final int[] SPEEDS = {
    0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400
  };

  private static final byte[] DEFAULT_CONTROLS = {
    3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0
  };

  /** What a pseudo-terminal starts with (tty_std_termios with the control flags of pts). */
  public static final Termios INITIAL =
      new Termios(
          ICRNL | IXON,
          OPOST | ONLCR,
          B38400 | CS8 | CREAD,
          ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
          (byte) 0,
          DEFAULT_CONTROLS,
          38400,
          38400);

  /** The control character with that index, 0 to 255; 0 stands for none. */
  public int character(int index) {
    return controls[index] & 0xff;
  }

  public boolean input(int flag) {
    return (input & flag) != 0;
  }

  public boolean output(int flag) {
    return (output & flag) != 0;
  }

  public boolean local(int flag) {
    return (local & flag) != 0;
  }

  /** As a struct of {@link #SIZE} bytes. */
  public byte[] toStruct() {
    return Arrays.copyOf(toStruct2(), SIZE);
  }

  /** As a struct of {@link #SIZE2} bytes. */
  public byte[] toStruct2() {
    ByteBuffer b = ByteBuffer.allocate(SIZE2).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(input).putInt(output).putInt(control).putInt(local).put(discipline).put(controls);
    return b.putInt(inputSpeed).putInt(outputSpeed).array();
  }

  /** As a struct of {@link #SIZE_OLD} bytes. */
  public byte[] toOldStruct() {
    ByteBuffer b = ByteBuffer.allocate(SIZE_OLD).order(ByteOrder.LITTLE_ENDIAN);
    b.putShort((short) input)
        .putShort((short) output)
        .putShort((short) control)
        .putShort((short) local);
    return b.put(discipline).put(controls, 0, OLD_CONTROLS).array();
  }

  /**
   * What an application asks for by a struct of {@link #SIZE} or {@link #SIZE2} bytes; this gives
   * the rest.
   */
  public Termios changedTo(byte[] struct) {
    ByteBuffer b = ByteBuffer.wrap(struct).order(ByteOrder.LITTLE_ENDIAN);
    int in = b.getInt();
    int out = b.getInt();
    int ctl = b.getInt();
    int loc = b.getInt();
    byte line = b.get();
    byte[] cc = new byte[CONTROLS];
    b.get(cc);
    boolean speeds = struct.length == SIZE2;
    int ispeed = speeds ? b.getInt() : inputSpeed;
    int ospeed = speeds ? b.getInt() : outputSpeed;
    return new Termios(in, out, ctl, loc, line, cc, speed(ctl, ispeed), speed(ctl, ospeed))
        .forPseudoTerminal();
  }

  /**
   * What an application asks for by a struct of {@link #SIZE_OLD} bytes: the low halves of the
   * flags, 8 characters.
   */
  public Termios changedToOld(byte[] struct) {
    if (struct.length != SIZE_OLD) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer b = ByteBuffer.wrap(struct).order(ByteOrder.LITTLE_ENDIAN);
    int in = low(input, b.getShort());
    int out = low(output, b.getShort());
    int ctl = low(control, b.getShort());
    int loc = low(local, b.getShort());
    byte line = b.get();
    byte[] cc = controls.clone();
    b.get(cc, 0, OLD_CONTROLS);
    return new Termios(in, out, ctl, loc, line, cc, speed(ctl, inputSpeed), speed(ctl, outputSpeed))
        .forPseudoTerminal();
  }

  private static int low(int flags, short half) {
    return flags & 0xffff0000 | half & 0xffff;
  }

  /** The baud rate that the flags name, or {@code given} if they leave it to termios2 (BOTHER). */
  private static int speed(int control, int given) {
    int code = control & CBAUD;
    return code < SPEEDS.length ? SPEEDS[code] : given;
  }

  /** Eight bits, no parity, always receiving (pty_set_termios). */
  private Termios forPseudoTerminal() {
    int ctl = control & ~(CSIZE | PARENB) | CS8 | CREAD;
    return new Termios(input, output, ctl, local, discipline, controls, inputSpeed, outputSpeed);
  }

  /** The same with CLOCAL on or off. */
  public Termios withLocalLine(boolean on) {
    int ctl = on ? control | CLOCAL : control & ~CLOCAL;
    return new Termios(input, output, ctl, local, discipline, controls, inputSpeed, outputSpeed);
  }

  /** Whether ^S and ^Q stop and start the output, for the status of packet mode. */
  boolean standardFlowControl() {
    return input(IXON) && character(VSTOP) == 'S' - 0x40 && character(VSTART) == 'Q' - 0x40;
  }
}
