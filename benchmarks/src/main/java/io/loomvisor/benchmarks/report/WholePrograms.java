package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The sandbox as a user has it: reading clocks, starting, and the memory it takes. */
final class WholePrograms implements Measurement {
  private static final int CLOCK_BATCH = 100_000;
  private static final int CLOCK_TURNS = 25;
  private static final int STARTS = 15;

  @Override
  public String section() {
    return "programs";
  }

  @Override
  public List<Result> measure(Programs programs) throws Exception {
    // Building is not measured.
    programs.time(Map.of(), programs.sandboxed("/bin/true"));
    List<Result> results = new ArrayList<>();
    results.add(clock(programs));
    results.add(startUp(programs, "start-up: loomvisor do -- /bin/true", Map.of()));
    results.add(
        startUp(programs, "the same without the AOT cache", Map.of("LOOMVISOR_AOT", "off")));
    memory(programs, results);
    return results;
  }

  private static Result clock(Programs programs) throws Exception {
    String clock = programs.compile("clock");
    try (TurnTaker sandbox = new TurnTaker(programs.sandboxed(clock))) {
      sandbox.batch(CLOCK_BATCH);
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < CLOCK_TURNS; i++) {
        values.add(sandbox.batch(CLOCK_BATCH));
      }
      return Result.of("clock_gettime(2) in the sandbox", "ns", values);
    }
  }

  private static Result startUp(Programs programs, String name, Map<String, String> environment)
      throws Exception {
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      values.add(programs.time(environment, programs.sandboxed("/bin/true")));
    }
    return Result.of(name, "ms", values);
  }

  /** While a program sleeps in the sandbox. */
  private static void memory(Programs programs, List<Result> results)
      throws IOException, InterruptedException {
    Process sleeping =
        new ProcessBuilder(programs.sandboxed("/bin/sh", "-c", "echo up; exec sleep 60")).start();
    try {
      sleeping.inputReader().readLine();
      TimeUnit.SECONDS.sleep(1); // let the JVMs finish what they do after start-up
      double resident = 0;
      double proportional = 0;
      for (ProcessHandle p : ProcessMemory.machines(sleeping)) {
        ProcessMemory m = ProcessMemory.of(p);
        resident += m.resident() / 1024.0;
        proportional += m.proportional() / 1024.0;
      }
      results.add(Result.of("memory of sentry and gofer, sum of Rss", "MB", List.of(resident)));
      results.add(Result.of("memory of sentry and gofer, sum of Pss", "MB", List.of(proportional)));
    } finally {
      sleeping.descendants().forEach(ProcessHandle::destroy);
      sleeping.destroy();
      sleeping.waitFor();
    }
  }
}
