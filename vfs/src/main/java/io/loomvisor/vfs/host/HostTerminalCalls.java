package io.loomvisor.vfs.host;

import static io.loomvisor.vfs.tty.Termios.BRKINT;
import static io.loomvisor.vfs.tty.Termios.CS8;
import static io.loomvisor.vfs.tty.Termios.CSIZE;
import static io.loomvisor.vfs.tty.Termios.ECHO;
import static io.loomvisor.vfs.tty.Termios.ECHONL;
import static io.loomvisor.vfs.tty.Termios.ICANON;
import static io.loomvisor.vfs.tty.Termios.ICRNL;
import static io.loomvisor.vfs.tty.Termios.IEXTEN;
import static io.loomvisor.vfs.tty.Termios.IGNCR;
import static io.loomvisor.vfs.tty.Termios.INLCR;
import static io.loomvisor.vfs.tty.Termios.ISIG;
import static io.loomvisor.vfs.tty.Termios.ISTRIP;
import static io.loomvisor.vfs.tty.Termios.IXON;
import static io.loomvisor.vfs.tty.Termios.OPOST;
import static io.loomvisor.vfs.tty.Termios.PARENB;
import static io.loomvisor.vfs.tty.Termios.PARMRK;
import static io.loomvisor.vfs.tty.Termios.VMIN;
import static io.loomvisor.vfs.tty.Termios.VTIME;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.StreamCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Terminal ioctls on a host descriptor (ioctl_tty(2)). Every request is given a buffer of exactly
 * its struct's size.
 */
public final class HostTerminalCalls {
  /** sizeof(struct termios) of the kernel: four ints of flags, c_line, 19 control characters. */
  public static final int TERMIOS_SIZE = 36;

  // struct termios.
  private static final int INPUT = 0;
  private static final int OUTPUT = 4;
  private static final int CONTROL = 8;
  private static final int LOCAL = 12;
  private static final int CHARACTERS = 17;
  private static final int IGNBRK = 0x1;

  private static final int WINSIZE_SIZE = 8;
  private static final int TCGETS = 0x5401;
  private static final int TCSETSW = 0x5403;
  private static final int TIOCGPGRP = 0x540F;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int FIONREAD = 0x541B;

  private HostTerminalCalls() {}

  /** struct termios; ENOTTY if {@code fd} is no terminal. */
  public static byte[] attributes(int fd) {
    return get(fd, TCGETS, TERMIOS_SIZE);
  }

  /**
   * Sets the attributes once the output is out. As a background job: the host stops the process
   * with SIGTTOU.
   */
  public static void setAttributes(int fd, byte[] termios) {
    set(fd, TCSETSW, Arrays.copyOf(termios, TERMIOS_SIZE));
  }

  /** One of the requests that take a struct of exactly {@code struct.length} bytes. */
  static void set(int fd, int request, byte[] struct) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(struct.length, 8);
      m.copyFrom(MemorySegment.ofArray(struct));
      StreamCalls.control(fd, request, m);
    }
  }

  /**
   * {@code termios} without any processing: bytes go through as they are, one at a time if need be
   * (cfmakeraw(3)).
   */
  public static byte[] raw(byte[] termios) {
    ByteBuffer b =
        ByteBuffer.wrap(Arrays.copyOf(termios, TERMIOS_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(
        INPUT,
        b.getInt(INPUT) & ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON));
    b.putInt(OUTPUT, b.getInt(OUTPUT) & ~OPOST);
    b.putInt(CONTROL, b.getInt(CONTROL) & ~(CSIZE | PARENB) | CS8);
    b.putInt(LOCAL, b.getInt(LOCAL) & ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN));
    b.put(CHARACTERS + VMIN, (byte) 1).put(CHARACTERS + VTIME, (byte) 0);
    return b.array();
  }

  /** struct winsize. */
  public static byte[] windowSize(int fd) {
    return get(fd, TIOCGWINSZ, WINSIZE_SIZE);
  }

  /**
   * Whether this process may use the terminal without being stopped: it is in the foreground, or
   * {@code fd} is not its controlling terminal.
   */
  public static boolean inForeground(int fd) {
    try {
      byte[] group = get(fd, TIOCGPGRP, Integer.BYTES);
      return ByteBuffer.wrap(group).order(ByteOrder.LITTLE_ENDIAN).getInt()
          == StreamCalls.processGroup();
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOTTY) {
        return true;
      }
      throw e;
    }
  }

  /** Bytes that can be read at once, an int. Any kind of file that knows it. */
  static byte[] readable(int fd) {
    return get(fd, FIONREAD, Integer.BYTES);
  }

  /** One of the requests that give a struct of exactly {@code size} bytes. */
  static byte[] get(int fd, int request, int size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(size, 8);
      StreamCalls.control(fd, request, m);
      return m.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }
  }
}
