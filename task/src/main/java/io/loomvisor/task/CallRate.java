package io.loomvisor.task;

/** Whether something happens often enough to do something about it. Belongs to one thread. */
final class CallRate {
  /**
   * So many within {@link #WINDOW} ns are often: about what a program does that does little else.
   */
  private static final int OFTEN = 32;

  private static final long WINDOW = 5_000_000;

  private int count;
  private long began = System.nanoTime();

  /** It happened; true once for every {@link #OFTEN} in quick succession. */
  boolean often(long now) {
    if (now - began > WINDOW) {
      began = now;
      count = 0;
    }
    if (++count < OFTEN) {
      return false;
    }
    began = now;
    count = 0;
    return true;
  }
}
