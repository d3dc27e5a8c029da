package io.loomvisor.platform.kvm;

/**
 * When tasks stand by (docs/standby.md). Times in ns.
 *
 * @param cpus only while no more tasks than that run or want to; below 2: never
 * @param looks how often the entry code looks for an answer
 * @param entry who serves waits so long, from the beginning of a run, for its call to be posted
 * @param brief a sleep that takes less may as well be spent inside the guest
 * @param least so many brief sleeps make a habit
 * @param considerate only if a CPU can be spared, and somebody runs who could answer
 */
record StandbyTerms(int cpus, int looks, long entry, long brief, int least, boolean considerate) {
  static final StandbyTerms NEVER = new StandbyTerms(0, 0, 0, 0, 0, true);

  /** A partner has been out of the guest and in again: about two exits, 70 µs. */
  private static final int LOOKS_WHERE_LEAVING_IS_DEAR = 2400;

  private static final int LOOKS_ELSEWHERE = 240;

  /** Entering is half an exit, and more in bad times. */
  private static final long ENTRY_WHERE_LEAVING_IS_DEAR = 40_000;

  private static final long ENTRY_ELSEWHERE = 4_000;

  /** Twice what the guest waits. */
  private static final long BRIEF_WHERE_LEAVING_IS_DEAR = 120_000;

  private static final long BRIEF_ELSEWHERE = 30_000;
  private static final int LEAST = 3;

  /** Where leaving the guest is dear, or elsewhere. */
  static StandbyTerms whenIdle(int cpus, boolean dear) {
    return new StandbyTerms(
        cpus,
        dear ? LOOKS_WHERE_LEAVING_IS_DEAR : LOOKS_ELSEWHERE,
        dear ? ENTRY_WHERE_LEAVING_IS_DEAR : ENTRY_ELSEWHERE,
        dear ? BRIEF_WHERE_LEAVING_IS_DEAR : BRIEF_ELSEWHERE,
        LEAST,
        true);
  }

  /**
   * As often as possible, whatever else the machine does. For tests.
   *
   * @param looks 0: as suits the host
   */
  static StandbyTerms eager(int looks, boolean dear) {
    StandbyTerms idle = whenIdle(Integer.MAX_VALUE, dear);
    return new StandbyTerms(
        idle.cpus, looks != 0 ? looks : idle.looks, idle.entry, Long.MAX_VALUE, 1, false);
  }

  /** Whether nobody ever stands by. */
  boolean never() {
    return cpus < 2;
  }
}
