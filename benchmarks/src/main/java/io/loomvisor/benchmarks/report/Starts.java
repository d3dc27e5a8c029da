package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a sandbox costs before its program does anything: the time to start and end, and memory. */
final class Starts implements Measurement {
  static final String SECTION = "start";
  static final String START = "start and end of /bin/true";
  static final String RESIDENT = "memory of sentry and gofer, resident";
  static final String ONCE = "memory of all processes, each shared page once";
  private static final String WITHOUT_AOT = "loomvisor, no AOT cache";
  private static final double SECONDS_PER_START = 1;

  @Override
  public String section() {
    return SECTION;
  }

  private static int turns(Plan plan) {
    return plan.quick() ? 9 : 21;
  }

  @Override
  public double seconds(Programs programs, Plan plan) {
    int environments = environments(programs).size();
    return environments * (turns(plan) * SECONDS_PER_START + 3);
  }

  private static List<Environment> environments(Programs programs) {
    List<Environment> all = new ArrayList<>(Environment.peers(programs));
    all.add(
        2,
        Environment.sandbox(programs, WITHOUT_AOT)
            .with(WITHOUT_AOT, Map.of("LOOMVISOR_AOT", "off")));
    return all;
  }

  @Override
  public List<Result> measure(Programs programs, Plan plan) throws Exception {
    List<Result> results = new ArrayList<>(starts(environments(programs), plan));
    for (Environment e : environments(programs)) {
      Progress.say("  memory: %s", e.name());
      try {
        results.addAll(memory(e, programs, plan));
      } catch (IOException failure) {
        results.add(Result.failed(ONCE, e.name(), "MiB", failure.getMessage()));
      }
    }
    return results;
  }

  private static List<Result> starts(List<Environment> environments, Plan plan)
      throws InterruptedException {
    Map<String, List<Double>> values = new LinkedHashMap<>();
    Map<String, String> failures = new LinkedHashMap<>();
    for (int i = 0; i < turns(plan); i++) {
      Progress.say("  %s, turn %d of %d", START, i + 1, turns(plan));
      for (Environment e : environments) {
        if (!failures.containsKey(e.name())) {
          try {
            values.computeIfAbsent(e.name(), _ -> new ArrayList<>()).add(start(e, plan));
          } catch (IOException failure) {
            failures.put(e.name(), failure.getMessage());
          }
        }
      }
    }
    return environments.stream()
        .map(Environment::name)
        .map(
            n ->
                failures.containsKey(n)
                    ? Result.failed(START, n, "ns", failures.get(n))
                    : Result.of(START, n, "ns", values.get(n)))
        .toList();
  }

  private static double start(Environment e, Plan plan) throws IOException, InterruptedException {
    ProcessBuilder builder =
        e.starting("/bin/true")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    long begin = System.nanoTime();
    Process process = builder.start();
    boolean ended = process.waitFor(plan.patience().toMillis(), TimeUnit.MILLISECONDS);
    double took = System.nanoTime() - begin;
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new IOException("/bin/true did not end in " + plan.patience().toSeconds() + " s");
    }
    if (process.exitValue() != 0) {
      throw new IOException("/bin/true ended with " + process.exitValue());
    }
    return took;
  }

  /** While a program waits for its input in it. */
  private static List<Result> memory(Environment e, Programs programs, Plan plan)
      throws IOException, InterruptedException {
    try (TurnTaker waiting = TurnTaker.works(e, programs, plan.patience())) {
      TimeUnit.SECONDS.sleep(1); // JVMs finish what they do after start-up
      ProcessMemory all = ProcessMemory.ofAll(waiting.process());
      List<Result> results = new ArrayList<>();
      results.add(mib(ONCE, e, all.proportional()));
      Map<String, ProcessMemory> roles = ProcessMemory.ofMachines(waiting.process());
      if (!roles.isEmpty()) {
        long resident = roles.values().stream().mapToLong(ProcessMemory::resident).sum();
        results.add(mib(RESIDENT, e, resident));
      }
      roles.forEach(
          (role, m) -> {
            results.add(mib(role + ", resident", e, m.resident()));
            results.add(mib(role + ", shared pages divided by their users", e, m.proportional()));
            results.add(mib(role + ", of that anonymous", e, m.anonymous()));
            results.add(mib(role + ", of that files (JDK, AOT cache)", e, m.files()));
            results.add(mib(role + ", of that the guest's memory file", e, m.shared()));
          });
      return results;
    }
  }

  private static Result mib(String what, Environment e, long kib) {
    return Result.of(what, e.name(), "MiB", List.of(kib / 1024.0));
  }

  @Override
  public Map<String, String> plots(List<Result> results) {
    return Map.of(
        "start", new BarChart("From the command to its end", List.of(START)).svg(results));
  }
}
