package io.loomvisor.task.process;

/**
 * What a process sets for itself, or others set for it in its /proc directory. Any thread may read
 * and write; each value stands alone.
 */
public final class ProcessSettings {
  /** Anonymous memory, ELF headers and private huge pages (core(5)). */
  private static final int DEFAULT_COREDUMP_FILTER = 0x33;

  private volatile boolean dumpable = true;
  private volatile int oomScoreAdjustment;
  private volatile int coredumpFilter = DEFAULT_COREDUMP_FILTER;

  /** Whether others of the same user may look inside (prctl PR_SET_DUMPABLE). */
  public boolean dumpable() {
    return dumpable;
  }

  public void setDumpable(boolean on) {
    dumpable = on;
  }

  /** /proc/PID/oom_score_adj: -1000 to 1000. */
  public int oomScoreAdjustment() {
    return oomScoreAdjustment;
  }

  public void setOomScoreAdjustment(int value) {
    oomScoreAdjustment = value;
  }

  /** /proc/PID/coredump_filter: which mappings a core dump would have (core(5)). */
  public int coredumpFilter() {
    return coredumpFilter;
  }

  public void setCoredumpFilter(int value) {
    coredumpFilter = value;
  }

  /** What fork(2) hands down of the settings in /proc. */
  public void inherit(ProcessSettings parent) {
    oomScoreAdjustment = parent.oomScoreAdjustment;
    coredumpFilter = parent.coredumpFilter;
  }
}
