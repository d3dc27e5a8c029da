package io.loomvisor.platform.kvm;

/**
 * When posted calls are looked for (docs/exitless.md). Times in ns.
 *
 * @param spins how often the entry code looks for an answer; 0: the host decides
 * @param cpus poll only while fewer tasks than that run or want to; 0: never
 * @param patience how long to look after the last call
 * @param lost a look takes less, unless somebody else had the CPU
 * @param often a task that makes so many calls in quick succession has them looked for
 * @param worthRehearsing after so many calls in quick succession the poller starts at all
 * @param considerate it stops when it is in the way of a guest
 * @param standing whether tasks stand by (docs/standby.md)
 */
public record Polling(
    int spins,
    int cpus,
    long patience,
    long lost,
    int often,
    int worthRehearsing,
    boolean considerate,
    Standing standing) {
  /** When a task waits inside the guest for another one to serve its call. */
  public enum Standing {
    NEVER,
    /** While a CPU is idle, as far as can be seen. */
    WHEN_IDLE,
    /** As often as possible. */
    EAGER
  }

  /** Every call leaves the guest. */
  public static final Polling NEVER = new Polling(0, 0, 0, 0);

  /**
   * As often as fits into the time that leaving takes, so that a call posted in vain costs twice at
   * most.
   */
  private static final int SPINS_WHERE_LEAVING_IS_DEAR = 600;

  private static final int SPINS_ELSEWHERE = 60;

  /** Calls in 5 ms; about a tenth of what a program makes that does little else. */
  private static final int OFTEN = 12;

  /**
   * The rehearsal takes a moment of a CPU that the JVM's compiler could use, so it is nothing for
   * programs that live for a moment themselves.
   */
  private static final int WORTH_REHEARSING = 20_000;

  /** What an exit that need not be is worth of an idle CPU's time. */
  private static final long PATIENCE = 200_000;

  private static final long LOST = 200_000;

  private static final int EAGER_SPINS = 20_000;
  private static final long EAGER_PATIENCE = 2_000_000;

  /** One that stays where it is. */
  Polling(int spins, int cpus, long patience, long lost) {
    this(spins, cpus, patience, lost, 1, 0, false, Standing.NEVER);
  }

  /** While a CPU of the host is idle, as far as can be seen. */
  public static Polling whenIdle() {
    return new Polling(
        0,
        Runtime.getRuntime().availableProcessors(),
        PATIENCE,
        LOST,
        OFTEN,
        WORTH_REHEARSING,
        true,
        Standing.WHEN_IDLE);
  }

  /**
   * As much as possible gets posted and served, whatever else the machine does. For tests: it takes
   * CPUs from others.
   */
  public static Polling eager() {
    int cpus = Runtime.getRuntime().availableProcessors() + 2;
    return new Polling(EAGER_SPINS, cpus, EAGER_PATIENCE, Long.MAX_VALUE);
  }

  /** Nobody looks for calls, and tasks stand by whatever else the machine does. For tests. */
  public static Polling standby() {
    int cpus = Runtime.getRuntime().availableProcessors();
    int never = Integer.MAX_VALUE;
    return new Polling(0, cpus, PATIENCE, LOST, never, never, true, Standing.EAGER);
  }

  /** What the system property {@code loomvisor.exitless} says. */
  public static Polling configured() {
    return of(System.getProperty("loomvisor.exitless", "idle"));
  }

  /**
   * For who may use no more CPU time than that many CPUs have: what a poller uses of it would be
   * the applications'.
   */
  public Polling within(int most) {
    int fewer = Math.min(cpus, Math.max(most, 0));
    return new Polling(spins, fewer, patience, lost, often, worthRehearsing, considerate, standing);
  }

  /** {@code idle}, {@code eager}, {@code standby} or {@code never}. */
  public static Polling of(String name) {
    return switch (name) {
      case "idle" -> whenIdle();
      case "eager" -> eager();
      case "standby" -> standby();
      case "never" -> NEVER;
      default ->
          throw new IllegalArgumentException(
              "exitless: idle, eager, standby or never, not " + name);
    };
  }

  /** When tasks stand by. */
  StandbyTerms standby(HostKind kind) {
    boolean dear = kind.entryInRing3();
    return switch (standing) {
      case NEVER -> StandbyTerms.NEVER;
      case WHEN_IDLE -> StandbyTerms.whenIdle(cpus, dear);
      case EAGER -> StandbyTerms.eager(spins, dear);
    };
  }

  /** Whether every call leaves the guest. */
  public boolean never() {
    return cpus == 0;
  }

  /** With the number of looks that suits the host. */
  Polling on(HostKind kind) {
    int fitting = kind.entryInRing3() ? SPINS_WHERE_LEAVING_IS_DEAR : SPINS_ELSEWHERE;
    return spins != 0
        ? this
        : new Polling(fitting, cpus, patience, lost, often, worthRehearsing, considerate, standing);
  }
}
