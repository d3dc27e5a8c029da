package io.loomvisor.vfs.tty;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Caller;

/**
 * The requests of ioctl_tty(2) that both ends of a pseudo-terminal serve; most mean the slave at
 * either end.
 */
final class TerminalControl {
  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;
  private static final int TCSETSW = 0x5403;
  private static final int TCSETSF = 0x5404;
  private static final int TCGETA = 0x5405;
  private static final int TCSETA = 0x5406;
  private static final int TCSETAW = 0x5407;
  private static final int TCSETAF = 0x5408;
  private static final int TCGETS2 = 0x802C542A;
  private static final int TCSETS2 = 0x402C542B;
  private static final int TCSETSW2 = 0x402C542C;
  private static final int TCSETSF2 = 0x402C542D;
  private static final int TCSBRK = 0x5409;
  private static final int TCXONC = 0x540A;
  private static final int TCFLSH = 0x540B;
  private static final int TIOCEXCL = 0x540C;
  private static final int TIOCNXCL = 0x540D;
  static final int TIOCSPGRP = 0x5410;
  private static final int TIOCGPGRP = 0x540F;
  private static final int TIOCOUTQ = 0x5411;
  private static final int TIOCSTI = 0x5412;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int TIOCSWINSZ = 0x5414;
  private static final int TIOCGSOFTCAR = 0x5419;
  private static final int TIOCSSOFTCAR = 0x541A;
  static final int FIONREAD = 0x541B;
  private static final int TIOCSETD = 0x5423;
  private static final int TIOCGETD = 0x5424;
  private static final int TCSBRKP = 0x5425;
  private static final int TIOCSBRK = 0x5427;
  private static final int TIOCCBRK = 0x5428;
  private static final int TIOCGSID = 0x5429;
  private static final int TIOCGEXCL = 0x80045440;
  private static final int TIOCGLCKTRMIOS = 0x5456;
  private static final int TIOCSLCKTRMIOS = 0x5457;

  private static final int TCOOFF = 0;
  private static final int TCOON = 1;
  private static final int TCIOFF = 2;
  private static final int TCION = 3;
  private static final int N_TTY = 0;

  private final Terminal terminal;
  private final boolean master;

  TerminalControl(Terminal terminal, boolean master) {
    this.terminal = terminal;
    this.master = master;
  }

  long call(Caller caller, int request, long argument) {
    return switch (request) {
      case TCGETS -> UserStruct.write(caller, argument, terminal.termios().toStruct());
      case TCGETS2 -> UserStruct.write(caller, argument, terminal.termios().toStruct2());
      case TCGETA -> UserStruct.write(caller, argument, terminal.termios().toOldStruct());
      case TCSETS, TCSETSW, TCSETSF -> set(caller, argument, Termios.SIZE, request == TCSETSF);
      case TCSETS2, TCSETSW2, TCSETSF2 -> set(caller, argument, Termios.SIZE2, request == TCSETSF2);
      case TCSETA, TCSETAW, TCSETAF -> set(caller, argument, Termios.SIZE_OLD, request == TCSETAF);
      case TIOCGLCKTRMIOS -> UserStruct.write(caller, argument, new byte[Termios.SIZE]);
      case TIOCSLCKTRMIOS -> throw lockRefused(caller);
      case TCSBRK, TCSBRKP, TIOCSBRK -> sendBreak();
      case TIOCCBRK -> 0;
      case TCXONC -> flow((int) argument);
      case TCFLSH -> flush((int) argument);
      case TIOCEXCL -> exclusive(true);
      case TIOCNXCL -> exclusive(false);
      case TIOCGEXCL -> UserStruct.writeInt(caller, argument, terminal.exclusive() ? 1 : 0);
      case TIOCGPGRP -> foreground(caller, argument);
      case TIOCSPGRP -> setForeground(caller, argument);
      case TIOCGSID -> session(caller, argument);
      case TIOCOUTQ -> UserStruct.writeInt(caller, argument, 0);
      case TIOCSTI -> throw Errno.EIO.exception();
      case TIOCGWINSZ -> UserStruct.writeWindow(caller, argument, terminal.windowSize());
      case TIOCSWINSZ -> setWindow(caller, argument);
      case TIOCGSOFTCAR ->
          UserStruct.writeInt(
              caller, argument, (terminal.termios().control() & Termios.CLOCAL) != 0 ? 1 : 0);
      case TIOCSSOFTCAR -> setLocalLine(UserStruct.readInt(caller, argument) != 0);
      case TIOCGETD -> UserStruct.writeInt(caller, argument, N_TTY);
      case TIOCSETD -> setDiscipline(UserStruct.readInt(caller, argument));
      default -> throw Errno.ENOTTY.exception();
    };
  }

  private long set(Caller caller, long address, int size, boolean flush) {
    JobRules.checkForeground(terminal, TtySignal.SIGTTOU);
    byte[] struct = UserStruct.read(caller, address, size);
    Termios now = terminal.termios();
    terminal.setTermios(
        size == Termios.SIZE_OLD ? now.changedToOld(struct) : now.changedTo(struct), flush);
    return 0;
  }

  private long setLocalLine(boolean on) {
    JobRules.checkForeground(terminal, TtySignal.SIGTTOU);
    terminal.setTermios(terminal.termios().withLocalLine(on), false);
    return 0;
  }

  private static RuntimeException lockRefused(Caller caller) {
    boolean admin = caller.credentials().has(JobRules.CAP_SYS_ADMIN);
    return admin ? Errno.EINVAL.exception() : Errno.EPERM.exception();
  }

  /** There is no line that a break could be sent on. */
  private long sendBreak() {
    JobRules.checkForeground(terminal, TtySignal.SIGTTOU);
    return 0;
  }

  private long flow(int action) {
    JobRules.checkForeground(terminal, TtySignal.SIGTTOU);
    switch (action) {
      case TCOOFF -> terminal.suspendOutput(true);
      case TCOON -> terminal.suspendOutput(false);
      case TCIOFF -> terminal.sendControl(Termios.VSTOP);
      case TCION -> terminal.sendControl(Termios.VSTART);
      default -> throw Errno.EINVAL.exception();
    }
    return 0;
  }

  private long flush(int queue) {
    JobRules.checkForeground(terminal, TtySignal.SIGTTOU);
    if (queue < 0 || queue > 2) {
      throw Errno.EINVAL.exception();
    }
    boolean input = queue != 1;
    boolean output = queue != 0;
    terminal.flush(
        (input ? master ? Terminal.FLUSH_OUTPUT : Terminal.FLUSH_INPUT : 0)
            | (output ? master ? Terminal.FLUSH_INPUT : Terminal.FLUSH_OUTPUT : 0));
    return 0;
  }

  private long exclusive(boolean on) {
    terminal.setExclusive(on);
    return 0;
  }

  private long foreground(Caller caller, long address) {
    if (!master) {
      JobRules.checkControls(terminal, caller);
    }
    return UserStruct.writeInt(caller, address, terminal.foreground());
  }

  private long setForeground(Caller caller, long address) {
    JobRules.checkMayChangeForeground(terminal);
    JobRules.changeForeground(terminal, caller, UserStruct.readInt(caller, address));
    return 0;
  }

  private long session(Caller caller, long address) {
    if (!master) {
      JobRules.checkControls(terminal, caller);
    }
    if (terminal.session() == 0) {
      throw Errno.ENOTTY.exception();
    }
    return UserStruct.writeInt(caller, address, terminal.session());
  }

  private long setWindow(Caller caller, long address) {
    terminal.setWindowSize(UserStruct.readWindow(caller, address));
    return 0;
  }

  private static long setDiscipline(int number) {
    if (number != N_TTY) {
      throw Errno.EINVAL.exception();
    }
    return 0;
  }
}
