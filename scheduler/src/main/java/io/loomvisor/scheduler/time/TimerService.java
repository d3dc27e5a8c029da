package io.loomvisor.scheduler.time;

/**
 * Runs callbacks at points in monotonic time. Callbacks run on the service's own thread and must be
 * short: typically they {@code tell} an actor.
 */
public interface TimerService extends AutoCloseable {
  /**
   * Now, in nanoseconds of the monotonic clock of this service ({@link System#nanoTime} in
   * production).
   */
  long now();

  /** Calls {@code action} once at or soon after {@code deadline} on the clock of {@link #now()}. */
  Timer schedule(long deadline, Runnable action);

  @Override
  void close();

  /** A scheduled callback. */
  interface Timer {
    /** Withdraws it; false if it has run or is running. */
    boolean cancel();
  }
}
