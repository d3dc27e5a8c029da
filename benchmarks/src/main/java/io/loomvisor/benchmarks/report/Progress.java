package io.loomvisor.benchmarks.report;

/** What goes on, on standard error. */
final class Progress {
  private static final long BEGAN = System.nanoTime();

  private Progress() {}

  static void say(String format, Object... values) {
    long seconds = (System.nanoTime() - BEGAN) / 1_000_000_000;
    System.err.printf("[%d:%02d] ", seconds / 60, seconds % 60);
    System.err.printf(format + "%n", values);
  }
}
