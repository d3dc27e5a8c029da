package io.loomvisor.benchmarks.micro;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the JMH benchmarks of this package. Arguments: where JMH's JSON goes; where a line for each
 * benchmark goes (name, parameters, score of every iteration, by tabs); forks; iterations to warm
 * up; iterations that count; milliseconds of each; which benchmarks, as a regular expression,
 * default all.
 */
public final class MicroMain {
  private MicroMain() {}

  public static void main(String[] args) throws Exception {
    TimeValue iteration = TimeValue.milliseconds(Long.parseLong(args[5]));
    Options options =
        new OptionsBuilder()
            .include(args.length > 6 ? args[6] : MicroMain.class.getPackageName())
            .forks(Integer.parseInt(args[2]))
            .warmupIterations(Integer.parseInt(args[3]))
            .warmupTime(iteration)
            .measurementIterations(Integer.parseInt(args[4]))
            .measurementTime(iteration)
            .resultFormat(ResultFormatType.JSON)
            .result(args[0])
            .shouldFailOnError(true)
            .build();
    Collection<RunResult> results = new Runner(options).run();
    List<String> lines = results.stream().map(MicroMain::line).toList();
    Files.write(Path.of(args[1]), lines);
  }

  private static String line(RunResult result) {
    Stream<String> scores =
        result.getBenchmarkResults().stream()
            .flatMap(fork -> fork.getIterationResults().stream())
            .map(i -> Double.toString(i.getPrimaryResult().getScore()));
    return Stream.concat(
            Stream.of(name(result.getParams()), parameters(result.getParams())), scores)
        .collect(Collectors.joining("\t"));
  }

  /** Class and method. */
  private static String name(BenchmarkParams p) {
    String full = p.getBenchmark();
    return full.substring(full.lastIndexOf('.', full.lastIndexOf('.') - 1) + 1);
  }

  /** As the command line of the sandbox spells them. */
  private static String parameters(BenchmarkParams p) {
    return p.getParamsKeys().stream()
        .map(p::getParam)
        .collect(Collectors.joining(", "))
        .toLowerCase(Locale.ROOT)
        .replace('_', '-');
  }
}
