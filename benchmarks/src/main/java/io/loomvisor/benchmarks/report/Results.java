package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a section has measured, and on which machine; kept as JSON in benchmarks/results. */
record Results(String section, String machine, List<Result> all) {
  static Path file(Path home, String section) {
    return home.resolve("benchmarks/results/" + section + ".json");
  }

  /** What was measured last, by this run or one before. */
  static Results read(Path home, String section) throws IOException {
    Path file = file(home, section);
    List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
    return new Results(section, "", lines.stream().flatMap(Result::parse).toList());
  }

  void write(Path home) throws IOException {
    Path file = file(home, section);
    Files.createDirectories(file.getParent());
    Files.writeString(file, json());
  }

  String json() {
    return "{\"section\": \"%s\", \"machine\": \"%s\", \"results\": [\n  %s\n]}\n"
        .formatted(
            section, machine, all.stream().map(Result::json).collect(Collectors.joining(",\n  ")));
  }

  /** The result, if there is one with values. */
  Optional<Result> find(String what, String where) {
    return all.stream()
        .filter(r -> r.what().equals(what) && r.where().equals(where) && r.measured())
        .findFirst();
  }
}
