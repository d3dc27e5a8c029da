package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.Credentials;
import java.util.BitSet;

/**
 * What /proc/PID/stat and status show of one thread.
 *
 * @param name the comm: at most 15 bytes, ISO 8859-1
 * @param state 'R' running, 'S' sleeping, 'D' uninterruptible, 'T' stopped, 't' traced, 'Z' zombie,
 *     'X' dead
 * @param dumpable others of the same user may look inside (prctl PR_SET_DUMPABLE, 1)
 * @param threads live threads of the group
 * @param flags PF_ flags as in /proc/PID/stat field 9; 0 will do
 * @param startNanos when it was created, nanoseconds since boot
 * @param exitSignal the signal sent to the parent, SIGCHLD as a rule
 * @param exitCode as waitpid(2) encodes it; 0 while it lives
 * @param descriptorSlots the size of the descriptor table
 */
public record TaskStatus(
    Identity identity,
    String name,
    char state,
    Credentials credentials,
    boolean dumpable,
    int threads,
    Terminal terminal,
    int flags,
    long startNanos,
    Use thread,
    Use group,
    Use reapedChildren,
    Scheduling scheduling,
    Signals signals,
    Confinement confinement,
    int umask,
    int exitSignal,
    int exitCode,
    int descriptorSlots) {

  /**
   * Numbers in the PID namespace of the file system.
   *
   * @param parent thread-group id of the parent; 0 if there is none
   * @param processGroup 0 if it cannot be named in this namespace, as with {@code session}
   * @param tracer 0 if not traced
   */
  public record Identity(
      int tid, int tgid, int parent, int processGroup, int session, int tracer) {}

  /**
   * The controlling terminal.
   *
   * @param device as in /proc/PID/stat: minor bits 0-7, major bits 8-15, minor bits 20-31; 0 for
   *     none
   * @param foregroundGroup -1 without a terminal
   */
  public record Terminal(int device, int foregroundGroup) {
    public static final Terminal NONE = new Terminal(0, -1);
  }

  /** Resources used. */
  public record Use(
      long userNanos,
      long systemNanos,
      long minorFaults,
      long majorFaults,
      long voluntarySwitches,
      long involuntarySwitches) {
    public static final Use NONE = new Use(0, 0, 0, 0, 0, 0);
  }

  /**
   * See sched(7).
   *
   * @param nice -20 to 19
   * @param policy SCHED_OTHER 0, SCHED_FIFO 1, SCHED_RR 2, SCHED_BATCH 3, SCHED_IDLE 5
   * @param realTimePriority 1 to 99, or 0
   * @param processor where it ran last
   * @param affinity CPUs it may run on
   */
  public record Scheduling(
      int nice, int policy, int realTimePriority, int processor, BitSet affinity) {}

  /** Sets are masks with bit signo - 1. */
  public record Signals(
      long threadPending,
      long groupPending,
      long blocked,
      long ignored,
      long caught,
      int queued,
      long queueLimit) {
    public static final Signals NONE = new Signals(0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * @param seccompMode 0 disabled, 1 strict, 2 filter
   */
  public record Confinement(boolean noNewPrivileges, int seccompMode, int seccompFilters) {
    public static final Confinement NONE = new Confinement(false, 0, 0);
  }
}
