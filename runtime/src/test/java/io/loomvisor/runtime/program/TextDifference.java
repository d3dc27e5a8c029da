package io.loomvisor.runtime.program;

import java.util.List;

/** Where two texts begin to differ, with a few lines around it: enough to read in a test report. */
final class TextDifference {
  private static final int CONTEXT = 3;
  private static final int SHOWN = 25;

  private TextDifference() {}

  /** Empty if they are the same. */
  static String of(String host, String sandbox) {
    if (host.equals(sandbox)) {
      return "";
    }
    List<String> a = host.lines().toList();
    List<String> b = sandbox.lines().toList();
    int first = 0;
    while (first < a.size() && first < b.size() && a.get(first).equals(b.get(first))) {
      first++;
    }
    int tail = 0;
    while (tail < Math.min(a.size(), b.size()) - first
        && a.get(a.size() - 1 - tail).equals(b.get(b.size() - 1 - tail))) {
      tail++;
    }
    StringBuilder text = new StringBuilder("differs from line ").append(first + 1).append(" on\n");
    append(text, "    ", a, Math.max(0, first - CONTEXT), first);
    append(text, "  - ", a, first, a.size() - tail);
    append(text, "  + ", b, first, b.size() - tail);
    return text.append("(- host, + sandbox)").toString();
  }

  private static void append(
      StringBuilder text, String mark, List<String> lines, int from, int to) {
    for (int i = from; i < Math.min(to, from + SHOWN); i++) {
      text.append(mark).append(lines.get(i)).append('\n');
    }
    if (to > from + SHOWN) {
      text.append(mark).append("... ").append(to - from - SHOWN).append(" more lines\n");
    }
  }
}
