package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The C programs of {@code src/main/c}, and the launcher of the sandbox. */
record Programs(Path home, Path work) {
  /** Compiles them, and has the sandbox built, so that neither is measured. */
  static Programs in(Path home) throws IOException, InterruptedException {
    Path work = home.resolve("benchmarks/target/programs");
    Files.createDirectories(work);
    Programs programs = new Programs(home, work);
    programs.compile("bare_kvm", List.of(), List.of(programs.source("bare_kvm.c")));
    programs.compile("uml_init", List.of("-static"), List.of(programs.source("uml_init.c")));
    try (Stream<Path> works = Files.list(programs.source("works"))) {
      programs.compile(
          "works",
          List.of("-static", "-pthread", "-DSOURCE=\"" + programs.source("works/compute.c") + "\""),
          works.filter(p -> p.toString().endsWith(".c")).toList());
    }
    run(List.of(programs.launcher(), "do", "--", "/bin/true"));
    return programs;
  }

  private Path source(String name) {
    return home.resolve("benchmarks/src/main/c").resolve(name);
  }

  String launcher() {
    return home.resolve("loomvisor").toString();
  }

  String works() {
    return work.resolve("works").toString();
  }

  String bareLoop() {
    return work.resolve("bare_kvm").toString();
  }

  private void compile(String name, List<String> options, List<Path> sources)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("gcc", "-O2", "-o", work.resolve(name).toString()));
    command.addAll(options);
    sources.forEach(s -> command.add(s.toString()));
    run(command);
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + status);
    }
  }
}
