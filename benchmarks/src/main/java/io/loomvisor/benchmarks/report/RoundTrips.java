package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * System calls beside the floor under them: the bare loop in C with the same entry method. They
 * take turns, and the ratio is taken turn by turn.
 */
final class RoundTrips implements Measurement {
  static final String SECTION = "round-trip";
  static final String SERVED = "getpgrp(2), served outside the guest";
  static final String POSTED = "getpgrp(2), served by the sentry without an exit";
  static final String RATIO = "their ratio, turn by turn";
  static final String ENTRY = "privilege level of the entry on this host";
  static final String BARE = "bare KVM loop in C";
  static final String PIPE = "pipe ping-pong, one way: a write and a read";
  static final String BEYOND = "the same, beyond two round trips of the same turn";
  static final List<String> ANSWERED =
      List.of(answered("getpid"), answered("getppid"), answered("sched_yield"));

  /** Round trips in one turn: short, so that both meet the same weather. */
  private static final int BATCH = 300;

  private static final int WARM_UP = 40_000;

  /** Long enough for who looks for posted calls to be there most of the time. */
  private static final int POSTED_BATCH = 20_000;

  private static final int POSTED_TURNS = 25;

  /** Numbers of the calls of {@link #ANSWERED}. */
  private static final int[] NUMBERS = {39, 110, 24};

  private static final String GETPGRP = "syscall 111";

  /** A byte there and back between two processes, which is two ways. */
  private static final String RING = "ring 2";

  /** Short, so that some of them are not interrupted by what else the machine does. */
  private static final int ANSWERED_BATCH = 500;

  private static final double SECONDS_PER_TURN = 0.03;

  private static String answered(String name) {
    return name + "(2), answered in the guest";
  }

  private static int turns(Plan plan) {
    return plan.quick() ? 300 : 800;
  }

  @Override
  public String section() {
    return SECTION;
  }

  @Override
  public double seconds(Programs programs, Plan plan) {
    return 5 + turns(plan) * SECONDS_PER_TURN;
  }

  @Override
  public List<Result> measure(Programs programs, Plan plan) throws Exception {
    List<Result> results = new ArrayList<>();
    Environment sandbox = Environment.sandbox(programs, Environment.LOOMVISOR);
    Environment leaving =
        sandbox.with(
            Environment.LOOMVISOR, Map.of("JDK_JAVA_OPTIONS", "-Dloomvisor.exitless=never"));
    try (TurnTaker floor = new TurnTaker(new ProcessBuilder(programs.bareLoop()), plan.patience());
        TurnTaker ours = TurnTaker.works(leaving, programs, plan.patience())) {
      Progress.say("  %s beside the bare loop", SERVED);
      String entry = floor.line();
      results.addAll(compare(floor, ours, turns(plan)));
      results.add(Result.of(ENTRY, BARE, "", List.of(Double.valueOf(entry.replaceAll("\\D", "")))));
      for (int i = 0; i < NUMBERS.length; i++) {
        Progress.say("  %s", ANSWERED.get(i));
        String request = "syscall " + NUMBERS[i];
        ours.batch(request, ANSWERED_BATCH);
        List<Double> values = new ArrayList<>();
        for (int turn = 0; turn < turns(plan); turn++) {
          values.add(ours.batch(request, ANSWERED_BATCH));
        }
        results.add(Result.of(ANSWERED.get(i), Environment.LOOMVISOR, "ns", values));
      }
      Progress.say("  %s", POSTED);
      try (TurnTaker posting = TurnTaker.works(sandbox, programs, plan.patience())) {
        posting.batch(GETPGRP, 2 * WARM_UP);
        List<Double> values = new ArrayList<>();
        for (int turn = 0; turn < POSTED_TURNS; turn++) {
          values.add(posting.batch(GETPGRP, POSTED_BATCH));
        }
        results.add(Result.of(POSTED, Environment.LOOMVISOR, "ns", values));
      }
      Progress.say("  %s", PIPE);
      try (TurnTaker pair = TurnTaker.works(sandbox, programs, plan.patience())) {
        results.addAll(handOvers(ours, pair, turns(plan)));
      }
    }
    return results;
  }

  private static List<Result> handOvers(TurnTaker alone, TurnTaker pair, int turns)
      throws IOException {
    pair.batch(RING, WARM_UP);
    List<Double> ways = new ArrayList<>();
    List<Double> beyond = new ArrayList<>();
    for (int i = 0; i < turns; i++) {
      double before = alone.batch(GETPGRP, BATCH / 2);
      double way = pair.batch(RING, BATCH / 2) / 2;
      double after = alone.batch(GETPGRP, BATCH / 2);
      ways.add(way);
      beyond.add(way - before - after);
    }
    return List.of(
        Result.of(PIPE, Environment.LOOMVISOR, "ns", ways),
        Result.of(BEYOND, Environment.LOOMVISOR, "ns", beyond));
  }

  private static List<Result> compare(TurnTaker floor, TurnTaker sandbox, int turns)
      throws IOException {
    sandbox.batch(GETPGRP, WARM_UP);
    floor.batch("", BATCH);
    List<Double> floors = new ArrayList<>();
    List<Double> ours = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < turns; i++) {
      double before = floor.batch("", BATCH / 2);
      double mine = sandbox.batch(GETPGRP, BATCH);
      double after = floor.batch("", BATCH / 2);
      floors.add((before + after) / 2);
      ours.add(mine);
      ratios.add(2 * mine / (before + after));
    }
    return List.of(
        Result.of(SERVED, BARE, "ns", floors),
        Result.of(SERVED, Environment.LOOMVISOR, "ns", ours),
        Result.of(RATIO, Environment.LOOMVISOR, "", ratios));
  }
}
