package io.loomvisor.net.time;

/** Monotonic time in nanoseconds, and callbacks at points of it. */
public interface Clock {
  long MICROSECOND = 1_000L;
  long MILLISECOND = 1_000_000L;
  long SECOND = 1_000_000_000L;

  /** Nanoseconds since an arbitrary origin; never decreases. */
  long nanoTime();

  /**
   * Runs {@code action} once, at or soon after {@code deadline}. The action must be short: usually
   * it tells a mailbox.
   */
  Timer schedule(long deadline, Runnable action);

  /** A scheduled action. */
  interface Timer {
    /** Withdraws it; false if it has run or is running. */
    boolean cancel();
  }
}
