package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * docs/performance.md: text by hand, and tables and pictures between marks that are written by this
 * program.
 */
record Document(Path path) {
  static String begin(String section) {
    return "<!-- measured: benchmarks/run " + section + " writes from here -->";
  }

  static String end(String section) {
    return "<!-- measured: " + section + " to here -->";
  }

  /** Replaces what stands between the marks of a section. */
  void write(String section, String table) throws IOException {
    String text = Files.readString(path);
    int begin = text.indexOf(begin(section));
    int end = text.indexOf(end(section));
    if (begin < 0 || end < begin) {
      throw new IOException(path + " has lost the marks of the section " + section);
    }
    Files.writeString(
        path,
        text.substring(0, begin + begin(section).length()) + "\n" + table + text.substring(end));
  }

  /** Writes the pictures beside the document, and returns the lines that show them. */
  String pictures(Map<String, String> plots) throws IOException {
    Path folder = path.resolveSibling("plots");
    Files.createDirectories(folder);
    for (Map.Entry<String, String> plot : plots.entrySet()) {
      Files.writeString(folder.resolve(plot.getKey() + ".svg"), plot.getValue());
    }
    return plots.keySet().stream()
        .map(name -> "![%s](plots/%s.svg)\n".formatted(name, name))
        .collect(Collectors.joining("", plots.isEmpty() ? "" : "\n", ""));
  }
}
