package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures from outside; keeps the results in benchmarks/results and puts tables and pictures into
 * docs/performance.md.
 *
 * <p>Arguments: the folder of the repository; which sections, or all; {@code --quick}; {@code
 * --print} to leave the document alone; {@code --json} to print JSON instead of tables; {@code
 * --only=REGEX} for the works alone, of the sections with peers, in whose name that is found, which
 * leaves the document alone as well.
 */
public final class Report {
  private static final String ONLY = "--only=";

  private final Path home;
  private final boolean print;
  private final boolean json;

  private Report(Path home, boolean print, boolean json) {
    this.home = home;
    this.print = print;
    this.json = json;
  }

  /**
   * @param only works of such names, where there are works to choose from
   */
  private static List<Measurement> measurements(Predicate<String> only) {
    String every =
        IntStream.range(0, Runtime.getRuntime().availableProcessors())
            .mapToObj(Integer::toString)
            .collect(Collectors.joining(","));
    return List.of(
        new RoundTrips(),
        new MappedMemory(),
        new Starts(),
        new Peers(Peers.SECTION, every, only),
        new Peers("one-cpu", "0", only),
        new Pools(),
        new MicroBenchmarks());
  }

  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    List<String> wanted = new ArrayList<>(List.of(args).subList(1, args.length));
    Plan plan = wanted.remove("--quick") ? Plan.quickly() : Plan.full();
    String only = wanted.stream().filter(a -> a.startsWith(ONLY)).findFirst().orElse(null);
    wanted.remove(only);
    Path home = Path.of(args[0]).toAbsolutePath();
    Report report =
        new Report(home, wanted.remove("--print") | only != null, wanted.remove("--json"));
    boolean goals = wanted.remove(Goals.SECTION);
    boolean all = (wanted.isEmpty() && !goals) || wanted.remove("all");
    List<Measurement> known = measurements(name -> true);
    List<Measurement> offered = only == null ? known : some(only);
    List<Measurement> chosen =
        offered.stream().filter(m -> all || wanted.remove(m.section())).toList();
    if (!wanted.isEmpty()) {
      String names = offered.stream().map(Measurement::section).collect(Collectors.joining(", "));
      refuse(
          "no section " + wanted + (only == null ? "" : " with " + ONLY) + "; there are " + names);
    }
    if (!chosen.isEmpty()) {
      report.measure(chosen, plan);
    }
    if (only == null) {
      report.publish(Goals.SECTION, Goals.table(home, known));
    }
  }

  /** The sections that have works of such names. */
  private static List<Measurement> some(String only) {
    String regex = only.substring(ONLY.length());
    List<Measurement> some = List.of();
    try {
      some =
          measurements(Pattern.compile(regex).asPredicate()).stream()
              .filter(m -> m instanceof Peers peers && !peers.measuresNothing())
              .toList();
    } catch (PatternSyntaxException e) {
      refuse(ONLY + regex + ": " + e.getDescription());
    }
    if (some.isEmpty()) {
      refuse(ONLY + regex + ": no work has such a name; the first column of the table has them");
    }
    return some;
  }

  private static void refuse(String why) {
    System.err.println("benchmarks/run: " + why);
    System.exit(2);
  }

  private void measure(List<Measurement> chosen, Plan plan) throws Exception {
    Programs programs = Programs.in(home);
    double total = 0;
    for (Measurement m : chosen) {
      double seconds = m.seconds(programs, plan);
      total += seconds;
      Progress.say("%s will take about %.0f s", m.section(), seconds);
    }
    Progress.say("altogether about %.0f min", Math.ceil(total / 60));
    for (Measurement m : chosen) {
      try {
        measure(m, programs, plan);
      } catch (IOException e) {
        // What the other sections have to say is not lost; this one's old table stays.
        Progress.say("%s failed: %s", m.section(), e.getMessage());
      }
    }
    Progress.say("done");
  }

  private void measure(Measurement m, Programs programs, Plan plan) throws Exception {
    Progress.say("%s", m.section());
    Results results = new Results(m.section(), machine(), m.measure(programs, plan));
    if (!print) {
      results.write(home);
    }
    String pictures = print ? "" : document().pictures(m.plots(results.all()));
    String table = results.machine() + "\n\n" + m.table(results.all()) + pictures;
    if (json) {
      System.out.println(results.json());
      publishQuietly(m.section(), table);
    } else {
      publish(m.section(), table);
    }
  }

  private Document document() {
    return new Document(home.resolve("docs/performance.md"));
  }

  private void publish(String section, String table) throws IOException {
    System.out.println(table);
    publishQuietly(section, table);
  }

  private void publishQuietly(String section, String table) throws IOException {
    if (!print) {
      document().write(section, table);
    }
  }

  private static String machine() throws IOException {
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(l -> l.startsWith("model name"))
            .findFirst()
            .map(l -> l.substring(l.indexOf(':') + 2))
            .orElse("unknown CPU");
    return "%s, %s, %d CPUs, Linux %s, JDK %s, load average %s before"
        .formatted(
            LocalDate.now(),
            cpu,
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.version"),
            Runtime.version(),
            Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
  }
}
