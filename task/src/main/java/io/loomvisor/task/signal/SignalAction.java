package io.loomvisor.task.signal;

/**
 * A disposition, as in the kernel's struct sigaction.
 *
 * @param handler SIG_DFL 0, SIG_IGN 1, or an address
 * @param flags SA_ bits
 * @param restorer sa_restorer
 * @param mask blocked while the handler runs
 */
public record SignalAction(long handler, long flags, long restorer, long mask) {
  public static final long SIG_DFL = 0;
  public static final long SIG_IGN = 1;
  public static final long SA_NOCLDSTOP = 1;
  public static final long SA_NOCLDWAIT = 2;
  public static final long SA_SIGINFO = 4;
  public static final long SA_RESTORER = 0x04000000L;
  public static final long SA_ONSTACK = 0x08000000L;
  public static final long SA_RESTART = 0x10000000L;
  public static final long SA_NODEFER = 0x40000000L;
  public static final long SA_RESETHAND = 0x80000000L;

  public static final SignalAction DEFAULT = new SignalAction(SIG_DFL, 0, 0, 0);
  public static final SignalAction IGNORE = new SignalAction(SIG_IGN, 0, 0, 0);

  /** Whether a signal with this disposition has no effect at all. */
  public boolean ignores(int signal) {
    return handler == SIG_IGN
        || handler == SIG_DFL && Signal.defaultAction(signal) == Signal.DefaultAction.IGNORE;
  }

  /** Whether a handler of the application runs. Addresses are unsigned, as the kernel's are. */
  public boolean catches() {
    return handler != SIG_DFL && handler != SIG_IGN;
  }

  public boolean has(long flag) {
    return (flags & flag) != 0;
  }
}
