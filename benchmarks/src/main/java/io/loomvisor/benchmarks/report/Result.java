package io.loomvisor.benchmarks.report;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What was measured in one environment.
 *
 * @param what the work
 * @param where the environment
 * @param unit of the values: "ns", "ms", "MiB", "/µs", or "" for a number
 * @param values of the turns; none if it failed
 * @param failure why there are none, or empty
 */
record Result(String what, String where, String unit, List<Double> values, String failure) {
  private static final Pattern JSON =
      Pattern.compile(
          "\\{\"what\": \"(.*?)\", \"where\": \"(.*?)\", \"unit\": \"(.*?)\", "
              + "\"failure\": \"(.*?)\",.* \"values\": \\[(.*?)]}");

  static Result of(String what, String where, String unit, List<Double> values) {
    return values == null || values.isEmpty()
        ? failed(what, where, unit, "no turn was taken")
        : new Result(what, where, unit, List.copyOf(values), "");
  }

  static Result failed(String what, String where, String unit, String failure) {
    return new Result(what, where, unit, List.of(), failure);
  }

  boolean measured() {
    return !values.isEmpty();
  }

  Statistics statistics() {
    return Statistics.of(values);
  }

  double median() {
    return statistics().median();
  }

  /** This by the other: turn by turn where both took the same turns. */
  Statistics ratio(Result other) {
    if (values.size() != other.values.size()) {
      return Statistics.of(List.of(median() / other.median()));
    }
    return Statistics.of(
        IntStream.range(0, values.size())
            .mapToObj(i -> values.get(i) / other.values.get(i))
            .toList());
  }

  /** Median, and half the distance of the quartiles. */
  String cell() {
    if (!measured()) {
      return "–";
    }
    Statistics s = statistics();
    return values.size() < 2
        ? text(s.median())
        : "%s ±%.0f %%".formatted(text(s.median()), s.spread() * 100);
  }

  /** A value with its unit, three digits. */
  String text(double value) {
    return unit.equals("ns") ? time(value) : (digits(value) + " " + unit).strip();
  }

  static String time(double ns) {
    double size = Math.abs(ns);
    if (size < 1e3) {
      return digits(ns) + " ns";
    }
    return size < 1e6
        ? digits(ns / 1e3) + " µs"
        : size < 1e9 ? digits(ns / 1e6) + " ms" : digits(ns / 1e9) + " s";
  }

  private static String digits(double value) {
    double size = Math.abs(value);
    return size >= 100
        ? "%.0f".formatted(value)
        : size >= 10 ? "%.1f".formatted(value) : "%.2f".formatted(value);
  }

  /** On one line. */
  String json() {
    String head =
        "{\"what\": \"%s\", \"where\": \"%s\", \"unit\": \"%s\", \"failure\": \"%s\","
            .formatted(quote(what), quote(where), quote(unit), quote(failure));
    String middle = "";
    if (measured()) {
      Statistics s = statistics();
      middle =
          String.format(
              Locale.ROOT,
              " \"median\": %.5g, \"quartiles\": [%.5g, %.5g],",
              s.median(),
              s.quantile(0.25),
              s.quantile(0.75));
    }
    return head
        + middle
        + values.stream()
            .map(v -> String.format(Locale.ROOT, "%.5g", v))
            .collect(Collectors.joining(", ", " \"values\": [", "]}"));
  }

  private static String quote(String text) {
    return text.replaceAll("[\\p{Cntrl}]", " ").replace("\\", "/").replace("\"", "'");
  }

  /** From a line as {@link #json} writes it; nothing from any other line. */
  static Stream<Result> parse(String line) {
    Matcher m = JSON.matcher(line);
    if (!m.find()) {
      return Stream.empty();
    }
    List<Double> values =
        m.group(5).isEmpty()
            ? List.of()
            : Stream.of(m.group(5).split(", ")).map(Double::valueOf).toList();
    return Stream.of(new Result(m.group(1), m.group(2), m.group(3), values, m.group(4)));
  }
}
