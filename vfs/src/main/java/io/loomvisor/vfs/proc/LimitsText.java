package io.loomvisor.vfs.proc;

import io.loomvisor.vfs.synthetic.TextBuffer;

/** /proc/PID/limits; rows in the order of the resource numbers of getrlimit(2). */
final class LimitsText {
  private static final String[][] ROWS = {
    {"Max cpu time", "seconds"},
    {"Max file size", "bytes"},
    {"Max data size", "bytes"},
    {"Max stack size", "bytes"},
    {"Max core file size", "bytes"},
    {"Max resident set", "bytes"},
    {"Max processes", "processes"},
    {"Max open files", "files"},
    {"Max locked memory", "bytes"},
    {"Max address space", "bytes"},
    {"Max file locks", "locks"},
    {"Max pending signals", "signals"},
    {"Max msgqueue size", "bytes"},
    {"Max nice priority", ""},
    {"Max realtime priority", ""},
    {"Max realtime timeout", "us"},
  };

  private LimitsText() {}

  static String limits(ProcessView view) {
    TextBuffer out = new TextBuffer();
    row(out, "Limit", "Soft Limit", "Hard Limit", "Units");
    for (int i = 0; i < ROWS.length; i++) {
      ProcessView.ResourceLimit limit = view.limit(i);
      row(out, ROWS[i][0], value(limit.soft()), value(limit.hard()), ROWS[i][1]);
    }
    return out.toString();
  }

  private static void row(TextBuffer out, String name, String soft, String hard, String unit) {
    out.left(name, 25).add(' ').left(soft, 20).add(' ').left(hard, 20).add(' ');
    out.left(unit, unit.isEmpty() ? 0 : 10).newline();
  }

  private static String value(long limit) {
    return limit == ProcessView.ResourceLimit.INFINITY ? "unlimited" : Long.toUnsignedString(limit);
  }
}
