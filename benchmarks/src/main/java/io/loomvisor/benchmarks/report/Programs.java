package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The C programs of {@code src/main/c}, and how they are started on the host and in the sandbox.
 */
record Programs(Path home, Path work) {
  static Programs in(Path home) throws IOException {
    Path work = home.resolve("benchmarks/target/programs");
    Files.createDirectories(work);
    return new Programs(home, work);
  }

  /** Compiles one of them and returns the executable. */
  String compile(String name, String... options) throws IOException, InterruptedException {
    String program = work.resolve(name).toString();
    List<String> command = new ArrayList<>(List.of("gcc", "-O2", "-o", program));
    command.addAll(List.of(options));
    command.add(home.resolve("benchmarks/src/main/c/" + name + ".c").toString());
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException("gcc failed on " + name);
    }
    return program;
  }

  /** The command line that runs {@code command} in a sandbox. */
  List<String> sandboxed(List<String> options, String... command) {
    List<String> all = new ArrayList<>(List.of(home.resolve("loomvisor").toString(), "do"));
    all.addAll(options);
    all.add("--");
    all.addAll(List.of(command));
    return all;
  }

  List<String> sandboxed(String... command) {
    return sandboxed(List.of(), command);
  }

  /** Milliseconds of one whole run. */
  double time(Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putAll(environment);
    long begin = System.nanoTime();
    int status = builder.start().waitFor();
    double took = (System.nanoTime() - begin) / 1e6;
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + status);
    }
    return took;
  }
}
