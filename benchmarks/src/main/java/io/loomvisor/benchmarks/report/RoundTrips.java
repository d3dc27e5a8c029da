package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * System calls beside the floor under them: the bare loop in C with the same entry method. They
 * take turns, and the ratio is taken turn by turn.
 */
final class RoundTrips implements Measurement {
  /** Round trips in one turn: short, so that both meet the same weather. */
  private static final int BATCH = 300;

  private static final int TURNS = 800;
  private static final int WARM_UP = 40_000;

  /** Short, so that some of them are not interrupted by what else the machine does. */
  private static final int ANSWERED_BATCH = 500;

  private static final int ANSWERED_TURNS = 400;

  @Override
  public String section() {
    return "round-trip";
  }

  @Override
  public List<Result> measure(Programs programs) throws Exception {
    String bare = programs.compile("bare_kvm");
    String loop = programs.compile("syscall_loop", "-static");
    List<Result> results = new ArrayList<>();
    compare(programs, results, bare, loop, "getpgrp", 111);
    results.add(answered(programs, loop, "getpid", 39));
    results.add(answered(programs, loop, "getppid", 110));
    results.add(answered(programs, loop, "sched_yield", 24));
    return results;
  }

  private static Result answered(Programs programs, String loop, String name, int number)
      throws IOException {
    try (TurnTaker sandbox = new TurnTaker(programs.sandboxed(loop, Integer.toString(number)))) {
      sandbox.batch(ANSWERED_BATCH);
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < ANSWERED_TURNS; i++) {
        values.add(sandbox.batch(ANSWERED_BATCH));
      }
      return Result.of(name + "(2) in the sandbox, answered in the guest", "ns", values);
    }
  }

  private static void compare(
      Programs programs, List<Result> results, String bare, String loop, String name, int number)
      throws IOException {
    List<String> command = programs.sandboxed(loop, Integer.toString(number));
    try (TurnTaker floor = new TurnTaker(List.of(bare));
        TurnTaker sandbox = new TurnTaker(command)) {
      String entry = floor.line();
      sandbox.batch(WARM_UP);
      floor.batch(BATCH);
      List<Double> floors = new ArrayList<>();
      List<Double> ours = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < TURNS; i++) {
        double before = floor.batch(BATCH / 2);
        double mine = sandbox.batch(BATCH);
        double after = floor.batch(BATCH / 2);
        floors.add((before + after) / 2);
        ours.add(mine);
        ratios.add(2 * mine / (before + after));
      }
      results.add(Result.of("bare KVM loop in C, " + entry, "ns", floors));
      results.add(Result.of(name + "(2) in the sandbox, served by the sentry", "ns", ours));
      Statistics r = Statistics.of(ratios);
      results.add(
          new Result(
              "their ratio, turn by turn (range: quartiles)",
              "",
              r.median(),
              r.quantile(0.25),
              r.quantile(0.75)));
    }
  }
}
