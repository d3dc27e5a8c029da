package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The JMH benchmarks of package {@code micro}, run in a JVM of their own: this program runs from
 * source and has no libraries. {@code benchmarks/run} has built them. JMH's own JSON, with every
 * iteration, stays in {@code benchmarks/target/jmh.json}.
 */
final class MicroBenchmarks implements Measurement {
  private static final String MAIN = "io.loomvisor.benchmarks.micro.MicroMain";

  @Override
  public String section() {
    return "jmh";
  }

  @Override
  public List<Result> measure(Programs programs) throws Exception {
    Path target = programs.home().resolve("benchmarks/target");
    Path scores = target.resolve("jmh.tsv");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            target.resolve("classes") + ":" + target.resolve("lib") + "/*",
            MAIN,
            target.resolve("jmh.json").toString(),
            scores.toString());
    Process jmh =
        new ProcessBuilder(command)
            .redirectOutput(target.resolve("jmh.log").toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (jmh.waitFor() != 0) {
      throw new IOException("JMH failed, see " + target.resolve("jmh.log"));
    }
    List<Result> results = new ArrayList<>();
    for (String line : Files.readAllLines(scores)) {
      String[] f = line.split("\t");
      results.add(
          new Result(
              f[0],
              "ns",
              Double.parseDouble(f[1]),
              Double.parseDouble(f[2]),
              Double.parseDouble(f[3])));
    }
    return results;
  }
}
