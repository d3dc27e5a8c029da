package io.loomvisor.benchmarks.report;

import java.util.List;
import java.util.Locale;

/**
 * One line of a table.
 *
 * @param what what was measured
 * @param unit of the three values: "ns", "ms", "MB", or "" for a ratio
 */
record Result(String what, String unit, double median, double least, double most) {
  static Result of(String what, String unit, List<Double> values) {
    Statistics s = Statistics.of(values);
    return new Result(what, unit, s.median(), s.least(), s.most());
  }

  String row() {
    return "| %s | %s | %s to %s |".formatted(what, text(median), text(least), text(most));
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"what\": \"%s\", \"unit\": \"%s\", \"median\": %.4g, \"least\": %.4g, \"most\": %.4g}",
        what.replace("\\", "\\\\").replace("\"", "\\\""),
        unit,
        median,
        least,
        most);
  }

  private String text(double value) {
    if (unit.isEmpty()) {
      return "%.2f".formatted(value);
    }
    if (unit.equals("ns") && median >= 1000) {
      return "%.1f µs".formatted(value / 1000);
    }
    return "%.0f %s".formatted(value, unit);
  }
}
