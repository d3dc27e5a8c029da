package io.loomvisor.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A row for each work, a column for each environment; below it, what failed and why. */
final class Table {
  /** A last column that is computed from a row. */
  interface Verdict {
    String of(Map<String, Result> row);
  }

  private Table() {}

  static Map<String, Map<String, Result>> rows(List<Result> results) {
    Map<String, Map<String, Result>> rows = new LinkedHashMap<>();
    for (Result r : results) {
      rows.computeIfAbsent(r.what(), _ -> new LinkedHashMap<>()).put(r.where(), r);
    }
    return rows;
  }

  static String of(List<Result> results) {
    return of(results, "", null);
  }

  static String of(List<Result> results, String verdictName, Verdict verdict) {
    Set<String> columns =
        results.stream().map(Result::where).collect(Collectors.toCollection(LinkedHashSet::new));
    List<String> head = new ArrayList<>(List.of("Median ±half the quartiles' distance"));
    head.addAll(columns);
    if (verdict != null) {
      head.add(verdictName);
    }
    StringBuilder text = new StringBuilder(line(head));
    text.append(line(head.stream().map(_ -> "---").toList()));
    rows(results)
        .forEach(
            (what, row) -> {
              List<String> cells = new ArrayList<>(List.of(what));
              columns.forEach(c -> cells.add(row.containsKey(c) ? row.get(c).cell() : ""));
              if (verdict != null) {
                cells.add(verdict.of(row));
              }
              text.append(line(cells));
            });
    return text + failures(results);
  }

  static String line(List<String> cells) {
    return cells.stream()
        .map(c -> c.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  /** One line for each environment and reason. */
  private static String failures(List<Result> results) {
    Map<String, List<String>> works = new LinkedHashMap<>();
    for (Result r : results) {
      if (!r.measured()) {
        works.computeIfAbsent(r.where() + ": " + r.failure(), _ -> new ArrayList<>()).add(r.what());
      }
    }
    return works.entrySet().stream()
        .map(e -> "- %s (%s)\n".formatted(e.getKey(), String.join("; ", e.getValue())))
        .collect(Collectors.joining("", works.isEmpty() ? "" : "\nWithout a number:\n\n", ""));
  }
}
