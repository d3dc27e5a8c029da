package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The JMH benchmarks of package {@code micro}, run in a JVM of their own: this program runs from
 * source and has no libraries. {@code benchmarks/run} has built them. JMH's own JSON, with every
 * iteration, stays in {@code benchmarks/target/jmh.json}.
 */
final class MicroBenchmarks implements Measurement {
  static final String SECTION = "jmh";
  static final String IDLE_ASK = "ActorAsk.idle";
  static final String IN_JVM = "one operation";

  private static final String MAIN = "io.loomvisor.benchmarks.micro.MicroMain";

  /** Methods times strategies; and what a fork takes beside its iterations. */
  private static final int BENCHMARKS = 36;

  private static final double FORK_SECONDS = 1.2;

  /** What JMH is to do for each benchmark. */
  private record Depth(int forks, int warmUps, int iterations, int millis) {
    static Depth of(Plan plan) {
      return plan.quick() ? new Depth(2, 2, 5, 200) : new Depth(2, 3, 5, 1000);
    }

    double seconds() {
      return BENCHMARKS * forks * (FORK_SECONDS + (warmUps + iterations) * millis / 1e3);
    }

    Stream<String> arguments() {
      return Stream.of(forks, warmUps, iterations, millis).map(String::valueOf);
    }
  }

  @Override
  public String section() {
    return SECTION;
  }

  @Override
  public double seconds(Programs programs, Plan plan) {
    return Depth.of(plan).seconds();
  }

  @Override
  public List<Result> measure(Programs programs, Plan plan) throws Exception {
    Path target = programs.home().resolve("benchmarks/target");
    Path scores = target.resolve("jmh.tsv");
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            target.resolve("classes") + ":" + target.resolve("lib") + "/*",
            MAIN,
            target.resolve("jmh.json").toString(),
            scores.toString()));
    Depth.of(plan).arguments().forEach(command::add);
    Process jmh =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var log = Files.newBufferedWriter(target.resolve("jmh.log"));
        var output = jmh.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        log.write(line + "\n");
        if (line.startsWith("# Benchmark:") || line.startsWith("# Parameters:")) {
          Progress.say("  %s", line.substring(2));
        }
      }
    }
    if (jmh.waitFor() != 0) {
      throw new IOException("JMH failed, see " + target.resolve("jmh.log"));
    }
    return Files.readAllLines(scores).stream().map(MicroBenchmarks::result).toList();
  }

  /** Name, strategy or nothing, then the iterations, by tabs. */
  private static Result result(String line) {
    String[] f = line.split("\t");
    List<Double> values = Stream.of(f).skip(2).map(Double::valueOf).toList();
    return Result.of(f[0], f[1].isEmpty() ? IN_JVM : f[1], "ns", values);
  }

  @Override
  public String table(List<Result> results) {
    List<Result> alone = results.stream().filter(r -> r.where().equals(IN_JVM)).toList();
    List<Result> byPool = results.stream().filter(r -> !r.where().equals(IN_JVM)).toList();
    return Table.of(alone) + "\n" + Table.of(byPool);
  }

  @Override
  public Map<String, String> plots(List<Result> results) {
    Map<String, String> plots = new LinkedHashMap<>();
    List<String> names = results.stream().map(Result::what).distinct().toList();
    plots.put("jmh", new BarChart("Parts of the sentry", names).svg(results));
    return plots;
  }
}
