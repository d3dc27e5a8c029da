package io.loomvisor.task;

import io.loomvisor.scheduler.vcpu.Terms;

/**
 * How a thread wants to be scheduled (sched(7), ioprio_set(2)). Immutable; a change is another one.
 *
 * @param policy SCHED_ constant
 * @param nice -20 to 19
 * @param priority 1 to 99 with SCHED_FIFO and SCHED_RR, else 0
 * @param resetOnFork children start with ordinary scheduling (SCHED_FLAG_RESET_ON_FORK)
 * @param ioPriority class and level as ioprio_set takes them; 0 if never set
 * @param affinity where it may run
 */
public record Scheduling(
    int policy, int nice, int priority, boolean resetOnFork, int ioPriority, CpuSet affinity) {
  public static final int SCHED_OTHER = 0;
  public static final int SCHED_FIFO = 1;
  public static final int SCHED_RR = 2;
  public static final int SCHED_BATCH = 3;
  public static final int SCHED_IDLE = 5;
  public static final int SCHED_DEADLINE = 6;
  public static final int SCHED_EXT = 7;

  /** WEIGHT_IDLEPRIO. */
  private static final int WEIGHT_IDLE = 3;

  private static final double STEP = 1.25;
  public static final int MIN_NICE = -20;
  public static final int MAX_NICE = 19;
  public static final int MAX_PRIORITY = 99;

  /** What the first thread starts with. */
  public static Scheduling initial(int cpus) {
    return new Scheduling(SCHED_OTHER, 0, 0, false, 0, CpuSet.first(cpus));
  }

  public static boolean realTime(int policy) {
    return policy == SCHED_FIFO || policy == SCHED_RR;
  }

  /** Nice values count: SCHED_OTHER and SCHED_BATCH (Linux: fair_policy). */
  public static boolean fair(int policy) {
    return policy == SCHED_OTHER || policy == SCHED_BATCH;
  }

  /** What a new thread or process starts with (kernel/sched/core.c: sched_fork). */
  public Scheduling forChild() {
    if (!resetOnFork) {
      return this;
    }
    boolean ordinary = !realTime(policy) && policy != SCHED_DEADLINE;
    return new Scheduling(
        ordinary ? policy : SCHED_OTHER,
        ordinary ? Math.max(nice, 0) : 0,
        0,
        false,
        ioPriority,
        affinity);
  }

  /** What that means for the pool of vCPUs. */
  public Terms terms() {
    int weight = policy == SCHED_IDLE ? WEIGHT_IDLE : weight(nice);
    boolean presses = policy != SCHED_BATCH && policy != SCHED_IDLE;
    return new Terms(priority, weight, presses, policy == SCHED_RR, affinity.toBitSet());
  }

  /**
   * Each step of the nice value is worth a quarter more or less; Linux has a table of these
   * numbers, rounded a little differently (kernel/sched/core.c: sched_prio_to_weight).
   */
  static int weight(int nice) {
    return (int) Math.round(Terms.NORMAL / Math.pow(STEP, nice));
  }

  public Scheduling withPolicy(int newPolicy, int newPriority, boolean reset) {
    return new Scheduling(newPolicy, nice, newPriority, reset, ioPriority, affinity);
  }

  public Scheduling withNice(int newNice) {
    return new Scheduling(policy, newNice, priority, resetOnFork, ioPriority, affinity);
  }

  public Scheduling withIoPriority(int newPriority) {
    return new Scheduling(policy, nice, priority, resetOnFork, newPriority, affinity);
  }

  public Scheduling withAffinity(CpuSet cpus) {
    return new Scheduling(policy, nice, priority, resetOnFork, ioPriority, cpus);
  }
}
