package io.loomvisor.scheduler.vcpu;

import java.util.BitSet;

/**
 * On which terms a task competes for vCPUs (sched(7)). Immutable.
 *
 * @param rank whoever has a higher one goes first, always: 0 for ordinary tasks, the priority of
 *     real-time ones
 * @param weight of those of rank 0 each gets vCPUs in proportion to it; {@link #NORMAL} is usual
 * @param presses woken up, it may have one that runs make room
 * @param rotates of those of the same rank above 0, each has a slice in turn; otherwise the first
 *     runs until it blocks
 * @param cpus on which it may run, null for all; never changed
 */
public record Terms(int rank, int weight, boolean presses, boolean rotates, BitSet cpus) {
  /** The weight of nice 0 (Linux: NICE_0_LOAD). */
  public static final int NORMAL = 1024;

  /** What everybody starts with. */
  public static final Terms ORDINARY = new Terms(0, NORMAL, true, false, null);

  boolean permits(int cpu) {
    return cpus == null || cpus.get(cpu);
  }

  /** So long on a vCPU, ns, counts as this much. */
  long counted(long nanos) {
    return weight == NORMAL ? nanos : nanos * NORMAL / weight;
  }
}
