package io.loomvisor.task.process;

/**
 * What threads, processes or waited-for children have used (getrusage(2)).
 *
 * @param user ns in user mode
 * @param system ns in the kernel
 * @param maxResident bytes resident at the most: of a process, or of the largest of several
 * @param voluntarySwitches times it slept
 * @param involuntarySwitches times it was preempted
 */
public record ResourceUsage(
    long user,
    long system,
    long maxResident,
    long minorFaults,
    long majorFaults,
    long voluntarySwitches,
    long involuntarySwitches) {
  public static final ResourceUsage NONE = new ResourceUsage(0, 0, 0, 0, 0, 0, 0);

  /** Both together; sizes do not add up, the larger counts. */
  public ResourceUsage plus(ResourceUsage other) {
    return new ResourceUsage(
        user + other.user,
        system + other.system,
        Math.max(maxResident, other.maxResident),
        minorFaults + other.minorFaults,
        majorFaults + other.majorFaults,
        voluntarySwitches + other.voluntarySwitches,
        involuntarySwitches + other.involuntarySwitches);
  }

  public ResourceUsage withResident(long bytes) {
    return new ResourceUsage(
        user,
        system,
        Math.max(maxResident, bytes),
        minorFaults,
        majorFaults,
        voluntarySwitches,
        involuntarySwitches);
  }
}
