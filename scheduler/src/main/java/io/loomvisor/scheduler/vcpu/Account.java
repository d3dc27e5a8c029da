package io.loomvisor.scheduler.vcpu;

/**
 * How much one task has had of the vCPUs, ns; of those who wait the one with the least goes first.
 * Belongs to the actor of a {@link LeasePool}.
 *
 * <p>As in Linux's fair scheduler (kernel/sched/fair.c: place_entity) time asleep is not saved up:
 * who wakes up is put at most half a slice before those who are about to run, which is enough to be
 * let in at once, and a new task half a slice behind them, so that forking is no way to the front.
 */
final class Account {
  private long used;
  private boolean started;

  long used() {
    return used;
  }

  void add(long nanos) {
    used += nanos;
  }

  /**
   * Asks for a vCPU.
   *
   * @param floor the least that anybody has used who runs or waits
   */
  void arrive(long floor, long slice) {
    long earliest = started ? floor - slice / 2 : floor + slice / 2;
    used = Math.max(used, earliest);
    started = true;
  }
}
