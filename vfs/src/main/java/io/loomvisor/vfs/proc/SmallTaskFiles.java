package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.TextBuffer;

/** The short texts among {@link TaskFile}. */
final class SmallTaskFiles {
  /** uid_map and gid_map of the initial user namespace (user_namespaces(7)). */
  static final String IDENTITY_MAP = "         0          0 4294967295\n";

  private static final long MILLI = 1_000_000;

  private SmallTaskFiles() {}

  static String io(ProcessView view, boolean thread) {
    ProcessView.IoCounters io = view.io(thread);
    return new TextBuffer()
        .add("rchar: ")
        .add(io.readBytes())
        .add("\nwchar: ")
        .add(io.writtenBytes())
        .add("\nsyscr: ")
        .add(io.readCalls())
        .add("\nsyscw: ")
        .add(io.writeCalls())
        .add("\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n")
        .toString();
  }

  static String personality(ProcessView view) {
    return new TextBuffer().hex(view.personality(), 8).newline().toString();
  }

  /**
   * Two thirds of a thousandth share of memory shifted by the adjustment; the badness of
   * mm/oom_kill.c.
   */
  static long oomScore(TaskScope scope) {
    int adjustment = scope.view().oomScoreAdjustment();
    MemoryStatus memory = scope.view().memory();
    long total = scope.context().system().memory().total();
    if (adjustment == -1000 || memory == null || total == 0) {
      return 0;
    }
    long share = (memory.resident() + memory.pageTables()) * 1000 / total;
    return Math.max(0, (1000 + share + adjustment) * 2 / 3);
  }

  static String schedstat(TaskScope scope) {
    TaskStatus.Use use = scope.view().status().thread();
    long slices = use.voluntarySwitches() + use.involuntarySwitches();
    return use.userNanos() + use.systemNanos() + " 0 " + slices + "\n";
  }

  static String sched(TaskScope scope) {
    TaskStatus t = scope.view().status();
    TaskStatus.Use use = t.thread();
    long ran = use.userNanos() + use.systemNanos();
    TextBuffer out = new TextBuffer();
    out.add(t.name())
        .add(" (")
        .add(t.identity().tid())
        .add(", #threads: ")
        .add(t.threads())
        .add(")\n");
    out.add("-".repeat(67)).newline();
    row(out, "se.exec_start", millis(t.startNanos()));
    row(out, "se.sum_exec_runtime", millis(ran));
    row(out, "nr_switches", Long.toString(use.voluntarySwitches() + use.involuntarySwitches()));
    row(out, "nr_voluntary_switches", Long.toString(use.voluntarySwitches()));
    row(out, "nr_involuntary_switches", Long.toString(use.involuntarySwitches()));
    row(out, "policy", Integer.toString(t.scheduling().policy()));
    row(out, "prio", Integer.toString(100 + TaskStatText.priority(t.scheduling())));
    return out.toString();
  }

  private static void row(TextBuffer out, String name, String value) {
    out.left(name, 45).add(':').right(value, 21).newline();
  }

  private static String millis(long nanos) {
    return new TextBuffer().add(nanos / MILLI).add('.').zeroPadded(nanos % MILLI, 6).toString();
  }
}
