package io.loomvisor.task;

import java.util.concurrent.atomic.AtomicLong;

/** Events of one thread for getrusage(2). Counted by the thread itself, read by any. */
public final class UsageCounters {
  private final AtomicLong faults = new AtomicLong();
  private final AtomicLong sleeps = new AtomicLong();

  void countFault() {
    faults.setPlain(faults.getPlain() + 1);
  }

  void countSleep() {
    sleeps.setPlain(sleeps.getPlain() + 1);
  }

  /**
   * Page faults that the sentry resolved without waiting for the host's disk, as far as it knows.
   */
  public long minorFaults() {
    return faults.getOpaque();
  }

  /** Voluntary context switches: sleeps in syscalls. */
  public long voluntarySwitches() {
    return sleeps.getOpaque();
  }
}
