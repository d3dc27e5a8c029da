package io.loomvisor.kernel.strace;

import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.nio.ByteBuffer;

/** Signals, sets of them, and what comes with one. */
final class SignalText {
  private static final String[] NAMES = {
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
    "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"
  };

  static final Names ACTION_FLAGS =
      Names.flags(
          "SA_",
          "SA_RESTORER 0x4000000",
          "SA_ONSTACK 0x8000000",
          "SA_RESTART 0x10000000",
          "SA_NODEFER 0x40000000",
          "SA_RESETHAND 0x80000000",
          "SA_SIGINFO 4",
          "SA_NOCLDSTOP 1",
          "SA_NOCLDWAIT 2");

  static final Names HOW = Names.choice("SIG_", "SIG_BLOCK 0", "SIG_UNBLOCK 1", "SIG_SETMASK 2");

  private static final Names STACK_FLAGS =
      Names.flags("SS_", "SS_ONSTACK 1", "SS_DISABLE 2", "SS_AUTODISARM 0x80000000");

  private static final Names.Choice CODES =
      (Names.Choice)
          Names.choice(
              "SI_",
              "SI_USER 0",
              "SI_KERNEL 0x80",
              "SI_QUEUE -1",
              "SI_TIMER -2",
              "SI_MESGQ -3",
              "SI_ASYNCIO -4",
              "SI_SIGIO -5",
              "SI_TKILL -6");

  private static final Names CHILD_CODES =
      Names.choice(
          "CLD_",
          "CLD_EXITED 1",
          "CLD_KILLED 2",
          "CLD_DUMPED 3",
          "CLD_TRAPPED 4",
          "CLD_STOPPED 5",
          "CLD_CONTINUED 6");

  private static final int SHOWN_INVERTED = 43;

  private SignalText() {}

  /** SIGINT, SIGRT_3, or the number. */
  static void appendSignal(StringBuilder out, int signal) {
    if (signal >= 1 && signal <= NAMES.length) {
      out.append("SIG").append(NAMES[signal - 1]);
    } else if (signal == Signal.SIGRTMIN) {
      out.append("SIGRTMIN");
    } else if (signal > Signal.SIGRTMIN && signal <= Signal.SIGRTMAX) {
      out.append("SIGRT_").append(signal - Signal.SIGRTMIN);
    } else {
      out.append(signal);
    }
  }

  /** [INT TERM], or ~[KILL STOP] if most are in. */
  static void appendSet(StringBuilder out, long set) {
    boolean inverted = Long.bitCount(set) >= SHOWN_INVERTED;
    long shown = inverted ? ~set : set;
    out.append(inverted ? "~[" : "[");
    String space = "";
    for (int s = 1; s <= Signal.SIGRTMAX; s++) {
      if (Signal.in(shown, s)) {
        StringBuilder name = new StringBuilder();
        appendSignal(name, s);
        out.append(space).append(name, 3, name.length());
        space = " ";
      }
    }
    out.append(']');
  }

  static void set(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 8);
    if (b == null) {
      Argument.address(out, address);
    } else {
      appendSet(out, b.getLong(0));
    }
  }

  /** struct sigaction of the kernel: handler, flags, restorer, mask. */
  static void action(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 32);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    long handler = b.getLong(0);
    long flags = b.getLong(8);
    out.append("{sa_handler=");
    if (handler == 0 || handler == 1) {
      out.append(handler == 0 ? "SIG_DFL" : "SIG_IGN");
    } else {
      Argument.address(out, handler);
    }
    out.append(", sa_mask=");
    appendSet(out, b.getLong(24));
    out.append(", sa_flags=");
    ACTION_FLAGS.append(out, flags);
    if ((flags & 0x4000000) != 0) {
      out.append(", sa_restorer=");
      Argument.address(out, b.getLong(16));
    }
    out.append('}');
  }

  /** stack_t. */
  static void stack(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 24);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    out.append("{ss_sp=");
    Argument.address(out, b.getLong(0));
    out.append(", ss_flags=");
    STACK_FLAGS.append(out, b.getInt(8) & 0xffffffffL);
    out.append(", ss_size=").append(b.getLong(16)).append('}');
  }

  /** A wait status: [{WIFEXITED(s) && WEXITSTATUS(s) == 0}]. */
  static void status(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 4);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    int s = b.getInt(0);
    out.append("[{");
    if ((s & 0x7f) == 0) {
      out.append("WIFEXITED(s) && WEXITSTATUS(s) == ").append(s >> 8 & 0xff);
    } else if (s == 0xffff) {
      out.append("WIFCONTINUED(s)");
    } else if ((s & 0xff) == 0x7f) {
      out.append("WIFSTOPPED(s) && WSTOPSIG(s) == ");
      appendSignal(out, s >> 8 & 0xff);
    } else {
      out.append("WIFSIGNALED(s) && WTERMSIG(s) == ");
      appendSignal(out, s & 0x7f);
      out.append((s & 0x80) != 0 ? " && WCOREDUMP(s)" : "");
    }
    out.append("}]");
  }

  /** siginfo_t in application memory: what waitid(2) and sigtimedwait(2) fill in. */
  static void info(StringBuilder out, Peek memory, long address) {
    ByteBuffer b = memory.struct(address, 128);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    int signal = b.getInt(0);
    if (signal == 0) {
      out.append("{}");
      return;
    }
    boolean child = signal == Signal.SIGCHLD && b.getInt(8) > 0;
    info(
        out,
        new SignalInfo(
            signal,
            b.getInt(4),
            b.getInt(8),
            b.getInt(16),
            b.getInt(20),
            child ? b.getInt(24) : b.getLong(24),
            b.getLong(16)));
  }

  /** {si_signo=SIGUSR1, si_code=SI_USER, si_pid=5, si_uid=0}. */
  static void info(StringBuilder out, SignalInfo info) {
    out.append("{si_signo=");
    appendSignal(out, info.signal());
    out.append(", si_code=");
    appendCode(out, info);
    if (info.errno() != 0) {
      out.append(", si_errno=").append(info.errno());
    }
    if (info.code() == SignalInfo.SI_TIMER) {
      out.append(", si_timerid=").append(info.pid()).append(", si_overrun=").append(info.uid());
    } else if (info.code() <= 0) {
      out.append(", si_pid=").append(info.pid()).append(", si_uid=").append(info.uid());
    }
    if (info.code() == SignalInfo.SI_QUEUE || info.code() == SignalInfo.SI_TIMER) {
      out.append(", si_int=").append((int) info.value()).append(", si_ptr=");
      Argument.address(out, info.value());
    }
    if (info.code() > 0 && info.signal() == Signal.SIGCHLD) {
      child(out, info);
    } else if (info.code() > 0 && fault(info.signal())) {
      out.append(", si_addr=");
      Argument.address(out, info.address());
    }
    out.append('}');
  }

  private static void child(StringBuilder out, SignalInfo info) {
    out.append(", si_pid=")
        .append(info.pid())
        .append(", si_uid=")
        .append(info.uid())
        .append(", si_status=");
    if (info.code() == SignalInfo.CLD_EXITED) {
      out.append((int) info.value());
    } else {
      appendSignal(out, (int) info.value());
    }
  }

  private static boolean fault(int signal) {
    return signal == Signal.SIGSEGV
        || signal == Signal.SIGBUS
        || signal == Signal.SIGFPE
        || signal == Signal.SIGILL
        || signal == Signal.SIGTRAP;
  }

  private static void appendCode(StringBuilder out, SignalInfo info) {
    int code = info.code();
    String common = code <= 0 || code == SignalInfo.SI_KERNEL ? CODES.find(code) : null;
    if (common != null) {
      out.append(common);
    } else if (info.signal() == Signal.SIGCHLD) {
      CHILD_CODES.append(out, code);
    } else if (info.signal() == Signal.SIGSEGV && (code == 1 || code == 2)) {
      out.append(code == 1 ? "SEGV_MAPERR" : "SEGV_ACCERR");
    } else if (info.signal() == Signal.SIGBUS && (code == 1 || code == 2)) {
      out.append(code == 1 ? "BUS_ADRALN" : "BUS_ADRERR");
    } else if (info.signal() == Signal.SIGFPE && code >= 1 && code <= 8) {
      String[] names = {
        "INTDIV", "INTOVF", "FLTDIV", "FLTOVF", "FLTUND", "FLTRES", "FLTINV", "FLTSUB"
      };
      out.append("FPE_").append(names[code - 1]);
    } else if (info.signal() == Signal.SIGILL && code >= 1 && code <= 3) {
      String[] names = {"ILLOPC", "ILLOPN", "ILLADR"};
      out.append("ILL_").append(names[code - 1]);
    } else if (info.signal() == Signal.SIGTRAP && (code == 1 || code == 2)) {
      out.append(code == 1 ? "TRAP_BRKPT" : "TRAP_TRACE");
    } else {
      out.append(code);
    }
  }
}
