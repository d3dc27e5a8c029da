package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Measures from outside, and puts the tables into docs/performance.md.
 *
 * <p>Arguments: the folder of the repository; which sections, or all; {@code --print} to leave the
 * document alone; {@code --json} to print JSON instead of tables.
 */
public final class Report {
  private static final List<Measurement> MEASUREMENTS =
      List.of(new RoundTrips(), new WholePrograms(), new MicroBenchmarks());

  private Report() {}

  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    Path home = Path.of(args[0]).toAbsolutePath();
    List<String> wanted = new ArrayList<>(List.of(args).subList(1, args.length));
    boolean print = wanted.remove("--print");
    boolean json = wanted.remove("--json");
    boolean all = wanted.isEmpty() || wanted.remove("all");
    List<Measurement> chosen =
        MEASUREMENTS.stream().filter(m -> all || wanted.remove(m.section())).toList();
    if (!wanted.isEmpty() && !all) {
      System.err.println("benchmarks/run: no section " + wanted + "; there are " + sections());
      System.exit(2);
    }
    Programs programs = Programs.in(home);
    Document document = new Document(home.resolve("docs/performance.md"));
    for (Measurement m : chosen) {
      List<Result> results = m.measure(programs);
      System.out.println(json ? json(m.section(), results) : table(results));
      if (!print) {
        document.write(m.section(), table(results));
      }
    }
  }

  private static String sections() {
    return MEASUREMENTS.stream().map(Measurement::section).collect(Collectors.joining(", "));
  }

  private static String table(List<Result> results) throws IOException {
    return machine()
        + "\n\n| What | Median | Range |\n| --- | --- | --- |\n"
        + results.stream().map(Result::row).collect(Collectors.joining("\n"))
        + "\n";
  }

  private static String json(String section, List<Result> results) throws IOException {
    return "{\"section\": \"%s\", \"machine\": \"%s\", \"results\": [\n  %s\n]}"
        .formatted(
            section,
            machine(),
            results.stream().map(Result::json).collect(Collectors.joining(",\n  ")));
  }

  private static String machine() throws IOException {
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(l -> l.startsWith("model name"))
            .findFirst()
            .map(l -> l.substring(l.indexOf(':') + 2))
            .orElse("unknown CPU");
    return "%s, %s, %d CPUs, Linux %s, JDK %s, load average %s (the benchmark itself makes 1 to 2)"
        .formatted(
            LocalDate.now(),
            cpu,
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.version"),
            Runtime.version(),
            Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
  }
}
