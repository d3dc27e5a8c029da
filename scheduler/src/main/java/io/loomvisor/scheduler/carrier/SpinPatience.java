package io.loomvisor.scheduler.carrier;

/**
 * How long an idle carrier looks for work before it parks, and whether it should try. Shared by all
 * carriers, and a guess: concurrent changes may be lost. Times are {@link System#nanoTime}.
 */
final class SpinPatience {
  /**
   * About what four exits of a guest cost where they are dear: a partner is back by then, even if
   * its host takes the CPU away for a moment.
   */
  private static final long LONGEST = 150_000;

  /** So many times in a row in vain are no reason to stay away yet. */
  private static final int FORGIVEN = 3;

  private static final long LEAST_ABSENCE = 500_000;
  private static final int MOST_DOUBLINGS = 8;

  private volatile int vain;
  private volatile long notBefore;

  boolean worthTrying(long now) {
    return vain < FORGIVEN || now - notBefore >= 0;
  }

  /** Looking was worth while. */
  void found() {
    if (vain != 0) {
      vain = 0;
    }
  }

  /** Work has come for a carrier that is parked. */
  void woken(long idleSince, long now) {
    if (vain >= FORGIVEN && now - idleSince < LONGEST) {
      vain = FORGIVEN - 1; // looking would have been worth while
    }
  }

  /** Whether it has looked long enough. */
  boolean over(long began, long now) {
    if (now - began < LONGEST) {
      return false;
    }
    int times = vain + 1;
    vain = times;
    notBefore = now + (LEAST_ABSENCE << Math.clamp(times - FORGIVEN, 0, MOST_DOUBLINGS));
    return true;
  }
}
