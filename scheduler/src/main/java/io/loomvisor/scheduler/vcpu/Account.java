package io.loomvisor.scheduler.vcpu;

/**
 * How much one task has had of the vCPUs, weighted ns: of those who wait the one with the least
 * goes first. Belongs to the actor of a {@link LeasePool}, but for its terms.
 *
 * <p>As in Linux's fair scheduler (kernel/sched/fair.c: place_entity) time asleep is not saved up:
 * who wakes up is put at most half a slice before those who are about to run, which is enough to be
 * let in at once, and a new task half a slice behind them, so that forking is no way to the front.
 * Nor can anybody get so far ahead of the others that those would keep it out for long.
 */
final class Account {
  /** Nobody gets further ahead than by what so many slices count for it. */
  private static final int SLICES_AHEAD = 4;

  private long used;
  private boolean started;
  private volatile Terms terms = Terms.ORDINARY;

  Terms terms() {
    return terms;
  }

  /** Any thread. */
  void setTerms(Terms now) {
    terms = now;
  }

  long used() {
    return used;
  }

  void add(long nanos) {
    used += terms.counted(nanos);
  }

  /** What it will have used after so long a turn. */
  long usedAfter(long nanos) {
    return used + terms.counted(nanos);
  }

  /**
   * Asks for a vCPU.
   *
   * @param floor the least that anybody has used who runs or waits
   */
  void arrive(long floor, long slice) {
    long earliest = started ? floor - slice / 2 : floor + slice / 2;
    long latest = floor + terms.counted(SLICES_AHEAD * slice);
    used = started ? Math.clamp(used, earliest, latest) : Math.max(used, earliest);
    started = true;
  }
}
