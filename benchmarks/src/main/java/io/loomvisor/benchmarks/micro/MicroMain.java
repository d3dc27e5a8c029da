package io.loomvisor.benchmarks.micro;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.Statistics;

/**
 * Runs the JMH benchmarks of this package. Arguments: where JMH's JSON goes; where a line for each
 * benchmark goes (name, median, least and most of all iterations, by tabs); which benchmarks, as a
 * regular expression, default all.
 */
public final class MicroMain {
  private MicroMain() {}

  public static void main(String[] args) throws Exception {
    String which = args.length > 2 ? args[2] : MicroMain.class.getPackageName();
    Options options =
        new OptionsBuilder()
            .include(which)
            .resultFormat(ResultFormatType.JSON)
            .result(args[0])
            .shouldFailOnError(true)
            .build();
    Collection<RunResult> results = new Runner(options).run();
    List<String> lines = new ArrayList<>();
    for (RunResult r : results) {
      Statistics s = r.getPrimaryResult().getStatistics();
      lines.add(
          "%s\t%s\t%s\t%s"
              .formatted(name(r.getParams()), s.getPercentile(50), s.getMin(), s.getMax()));
    }
    Files.write(Path.of(args[1]), lines);
  }

  /** Class and method, then the parameters. */
  private static String name(BenchmarkParams p) {
    String full = p.getBenchmark();
    String name = full.substring(full.lastIndexOf('.', full.lastIndexOf('.') - 1) + 1);
    String parameters =
        p.getParamsKeys().stream().map(p::getParam).collect(Collectors.joining(", "));
    return parameters.isEmpty() ? name : name + ", " + parameters;
  }
}
