package io.loomvisor.platform.kvm;

/** Whether something happens often enough to do something about it. Belongs to one thread. */
final class CallRate {
  private static final long WINDOW = 5_000_000;

  private int count;
  private long began = System.nanoTime();

  /**
   * It happened.
   *
   * @return true once for every {@code often} times within {@link #WINDOW} ns
   */
  boolean often(long now, int often) {
    if (count == 0 || now - began > WINDOW) {
      began = now;
      count = 0;
    }
    if (++count < often) {
      return false;
    }
    count = 0;
    return true;
  }

  /** Begins anew. */
  void forget() {
    count = 0;
  }
}
