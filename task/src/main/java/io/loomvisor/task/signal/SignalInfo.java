package io.loomvisor.task.signal;

/**
 * What comes with a signal (sigaction(2), siginfo_t). Which components count depends on signal and
 * code.
 *
 * @param code SI_USER 0, SI_KERNEL 0x80, SI_QUEUE -1, SI_TIMER -2, SI_TKILL -6, CLD_, SEGV_, …
 * @param pid sender, child, or timer id for SI_TIMER
 * @param uid sender's real uid, or overrun count for SI_TIMER
 * @param value sigval, or exit status for SIGCHLD
 * @param address si_addr of faults
 * @param source null for most
 */
public record SignalInfo(
    int signal, int errno, int code, int pid, int uid, long value, long address, Source source) {
  /**
   * Who wants to know that a signal has been taken out of its queue: a timer, which goes on only
   * then.
   */
  @FunctionalInterface
  public interface Source {
    /**
     * Called once with no actor held; returns what is to be delivered, null if the signal is void
     * by now.
     */
    SignalInfo taken(SignalInfo info);
  }

  public SignalInfo(int signal, int errno, int code, int pid, int uid, long value, long address) {
    this(signal, errno, code, pid, uid, value, address, null);
  }

  public static final int SI_USER = 0;
  public static final int SI_KERNEL = 0x80;
  public static final int SI_QUEUE = -1;
  public static final int SI_TIMER = -2;
  public static final int SI_MESGQ = -3;
  public static final int SI_TKILL = -6;
  public static final int CLD_EXITED = 1;
  public static final int CLD_KILLED = 2;
  public static final int CLD_DUMPED = 3;
  public static final int CLD_TRAPPED = 4;
  public static final int CLD_STOPPED = 5;
  public static final int CLD_CONTINUED = 6;
  public static final int SEGV_MAPERR = 1;
  public static final int SEGV_ACCERR = 2;
  public static final int BUS_ADRALN = 1;
  public static final int BUS_ADRERR = 2;
  public static final int FPE_INTDIV = 1;
  public static final int FPE_INTOVF = 2;
  public static final int FPE_FLTDIV = 3;
  public static final int FPE_FLTOVF = 4;
  public static final int FPE_FLTUND = 5;
  public static final int FPE_FLTRES = 6;
  public static final int FPE_FLTINV = 7;
  public static final int ILL_ILLOPN = 2;
  public static final int TRAP_BRKPT = 1;
  public static final int TRAP_TRACE = 2;

  /** Sent by the kernel itself, without particulars. */
  public static SignalInfo kernel(int signal) {
    return new SignalInfo(signal, 0, SI_KERNEL, 0, 0, 0, 0);
  }

  /** Sent by kill(2), tgkill(2), sigqueue(3). */
  public static SignalInfo from(int signal, int code, int pid, int uid, long value) {
    return new SignalInfo(signal, 0, code, pid, uid, value, 0);
  }

  /** A fault at {@code address}. */
  public static SignalInfo fault(int signal, int code, long address) {
    return new SignalInfo(signal, 0, code, 0, 0, 0, address);
  }
}
