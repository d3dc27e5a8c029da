package io.loomvisor.kernel.strace;

import java.nio.ByteBuffer;

/** ioctl(2): the requests by name, and termios and kin as what they carry. */
final class TerminalText {
  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;
  private static final int TCSETSF = 0x5404;
  private static final int TIOCGPGRP = 0x540f;
  private static final int TIOCSPGRP = 0x5410;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int TIOCSWINSZ = 0x5414;
  private static final int FIONREAD = 0x541b;
  private static final int FIONBIO = 0x5421;
  private static final int TIOCGSID = 0x5429;
  private static final int TIOCGPTN = 0x80045430;
  private static final int TIOCSPTLCK = 0x40045431;

  private static final Names REQUEST =
      Names.choice(
          "",
          "TCGETS 0x5401",
          "TCSETS 0x5402",
          "TCSETSW 0x5403",
          "TCSETSF 0x5404",
          "TCGETA 0x5405",
          "TCSBRK 0x5409",
          "TCXONC 0x540a",
          "TCFLSH 0x540b",
          "TIOCEXCL 0x540c",
          "TIOCNXCL 0x540d",
          "TIOCSCTTY 0x540e",
          "TIOCGPGRP 0x540f",
          "TIOCSPGRP 0x5410",
          "TIOCOUTQ 0x5411",
          "TIOCSTI 0x5412",
          "TIOCGWINSZ 0x5413",
          "TIOCSWINSZ 0x5414",
          "FIONREAD 0x541b",
          "FIONBIO 0x5421",
          "TIOCNOTTY 0x5422",
          "TIOCSETD 0x5423",
          "TIOCGETD 0x5424",
          "TCSBRKP 0x5425",
          "TIOCGSID 0x5429",
          "TIOCGPTN 0x80045430",
          "TIOCSPTLCK 0x40045431",
          "TIOCGPTLCK 0x80045439",
          "TIOCGPTPEER 0x5441",
          "FIONCLEX 0x5450",
          "FIOCLEX 0x5451",
          "FIOASYNC 0x5452",
          "FIGETBSZ 2",
          "FICLONE 0x40049409",
          "FICLONERANGE 0x4020940d",
          "FS_IOC_GETFLAGS 0x80086601",
          "FS_IOC_SETFLAGS 0x40086602",
          "SIOCGIFCONF 0x8912",
          "SIOCGIFFLAGS 0x8913",
          "SIOCGIFADDR 0x8915",
          "SIOCGIFMTU 0x8921",
          "SIOCGIFHWADDR 0x8927",
          "SIOCGIFINDEX 0x8933");

  private static final Names INPUT =
      Names.flags(
          "I",
          "IGNBRK 1",
          "BRKINT 2",
          "IGNPAR 4",
          "PARMRK 010",
          "INPCK 020",
          "ISTRIP 040",
          "INLCR 0100",
          "IGNCR 0200",
          "ICRNL 0400",
          "IUCLC 01000",
          "IXON 02000",
          "IXANY 04000",
          "IXOFF 010000",
          "IMAXBEL 020000",
          "IUTF8 040000");

  private static final Names OUTPUT =
      Names.flags(
          "O",
          "OPOST 1",
          "OLCUC 2",
          "ONLCR 4",
          "OCRNL 010",
          "ONOCR 020",
          "ONLRET 040",
          "OFILL 0100",
          "OFDEL 0200",
          "TAB3 014000");

  private static final Names.Choice SPEED =
      (Names.Choice)
          Names.choice(
              "B",
              "B0 0",
              "B50 1",
              "B300 7",
              "B1200 011",
              "B2400 013",
              "B4800 014",
              "B9600 015",
              "B19200 016",
              "B38400 017",
              "B57600 010001",
              "B115200 010002");

  private static final Names.Choice CHARACTER_SIZE =
      (Names.Choice) Names.choice("CS", "CS5 0", "CS6 020", "CS7 040", "CS8 060");

  private static final Names.Flags CONTROL =
      (Names.Flags)
          Names.flags(
              "C",
              "CSTOPB 0100",
              "CREAD 0200",
              "PARENB 0400",
              "PARODD 01000",
              "HUPCL 02000",
              "CLOCAL 04000",
              "CRTSCTS 020000000000");

  private static final Names LOCAL =
      Names.flags(
          "L",
          "ISIG 1",
          "ICANON 2",
          "XCASE 4",
          "ECHO 010",
          "ECHOE 020",
          "ECHOK 040",
          "ECHONL 0100",
          "NOFLSH 0200",
          "TOSTOP 0400",
          "ECHOCTL 01000",
          "ECHOPRT 02000",
          "ECHOKE 04000",
          "FLUSHO 010000",
          "PENDIN 040000",
          "IEXTEN 0100000",
          "EXTPROC 0200000");

  private TerminalText() {}

  static void request(StringBuilder out, int request) {
    REQUEST.append(out, request & 0xffffffffL);
  }

  /** Whether the argument is filled in by the kernel. */
  static boolean reads(int request) {
    return switch (request) {
      case TCGETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, TIOCGSID, TIOCGPTN -> true;
      default -> false;
    };
  }

  static void argument(StringBuilder out, Call call, int i) {
    int request = call.getInt(i - 1);
    long address = call.get(i);
    if (reads(request) && call.failed()) {
      Argument.address(out, address);
      return;
    }
    switch (request) {
      case TCGETS, TCSETS, TCSETS + 1, TCSETSF -> termios(out, call.memory(), address);
      case TIOCGWINSZ, TIOCSWINSZ -> size(out, call.memory(), address);
      case TIOCGPGRP, TIOCSPGRP, FIONREAD, FIONBIO, TIOCGSID, TIOCGPTN, TIOCSPTLCK ->
          StructText.pointedInt(out, call.memory(), address);
      default -> out.append(address == 0 ? "0" : "0x" + Long.toHexString(address));
    }
  }

  private static void termios(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 36);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    int control = b.getInt(8);
    out.append("{c_iflag=");
    INPUT.append(out, b.getInt(0) & 0xffffffffL);
    out.append(", c_oflag=");
    OUTPUT.append(out, b.getInt(4) & 0xffffffffL);
    out.append(", c_cflag=");
    SPEED.append(out, control & 010017);
    out.append('|');
    CHARACTER_SIZE.append(out, control & 060);
    CONTROL.appendKnown(out, control & 0xffffffffL & ~010077L, "|");
    out.append(", c_lflag=");
    LOCAL.append(out, b.getInt(12) & 0xffffffffL);
    out.append(", ...}");
  }

  private static void size(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 8);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    out.append("{ws_row=")
        .append(b.getShort(0) & 0xffff)
        .append(", ws_col=")
        .append(b.getShort(2) & 0xffff);
    out.append(", ws_xpixel=")
        .append(b.getShort(4) & 0xffff)
        .append(", ws_ypixel=")
        .append(b.getShort(6) & 0xffff);
    out.append('}');
  }
}
