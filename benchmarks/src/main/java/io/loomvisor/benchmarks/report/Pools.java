package io.loomvisor.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The vCPU pools compared: what a program pays for its calls, and what depends on who gets a vCPU
 * when. All strategies and the host take turns.
 */
final class Pools implements Measurement {
  static final String SECTION = "pools";
  static final String P99 = "p99";
  static final int COMPUTING = 4;

  private static final int[] RING = {2, 4, 8, 16, 32, 64, 96};
  private static final int[] RUNNABLE = {1, 4, 16, 128, 2000};
  private static final int[] BLOCKED = {10, 100, 1000, 10_000};

  /** The timer's turn: long enough that the 99.9th percentile is a wake-up of its own. */
  private static final int MIX_MILLISECONDS = 1000;

  /** From so many tasks on, making and ending them takes seconds: they are made once. */
  private static final int MANY = 1000;

  /** Making and ending the tasks of {@link #CROWDS} in one environment. */
  private static final double CROWD_SECONDS = 12;

  private static final int CALLS = 7;

  static String ring(int tasks) {
    return "hand-over in a ring of " + tasks + " tasks";
  }

  static String runnable(int tasks) {
    return "20 µs of computing, each of " + tasks + " runnable tasks";
  }

  static String blocked(int tasks) {
    return "futex ping-pong beside " + tasks + " blocked";
  }

  static String lateness(String percentile) {
    return "1 kHz timer beside " + COMPUTING + " computing threads, late, " + percentile;
  }

  private static final List<Work> FEW =
      Stream.of(
              Stream.of(
                  Work.of("system call round trip (getpgrp)", "syscall", 111),
                  Work.of("page fault, ascending", "fault"),
                  Work.of("map, touch and unmap one page", "lone_fault"),
                  Work.of("fork, exec, wait", "fork_exec"),
                  Work.of("pipe ping-pong, there and back", "ring", 2),
                  Work.of("futex ping-pong, there and back", "futex"),
                  Work.of("signal delivery", "signal")),
              IntStream.of(RING).mapToObj(n -> Work.shared(ring(n), "ring", n)),
              Stream.of(
                  Work.whole(
                      "1 kHz timer beside " + COMPUTING + " computing threads",
                      "mix",
                      COMPUTING,
                      MIX_MILLISECONDS,
                      new Work.Figure("late, p50", "ns", false),
                      new Work.Figure("late, " + P99, "ns", false),
                      new Work.Figure("late, p99.9", "ns", false),
                      new Work.Figure("steps that the others get done", "/µs", false))),
              crowds(n -> n < MANY))
          .flatMap(s -> s)
          .toList();

  private static final List<Work> CROWDS = crowds(n -> n >= MANY).toList();

  private static Stream<Work> crowds(IntPredicate size) {
    return Stream.concat(
        IntStream.of(RUNNABLE).filter(size).mapToObj(n -> Work.shared(runnable(n), "runnable", n)),
        IntStream.of(BLOCKED).filter(size).mapToObj(n -> Work.of(blocked(n), "futex", n)));
  }

  @Override
  public String section() {
    return SECTION;
  }

  @Override
  public double seconds(Programs programs, Plan plan) {
    List<Environment> pools = Environment.pools(programs);
    return plan.seconds(pools, FEW, 1)
        + plan.forks(1).seconds(pools, CROWDS, 0)
        + pools.size() * CROWD_SECONDS;
  }

  @Override
  public List<Result> measure(Programs programs, Plan plan) throws Exception {
    List<Environment> pools = Environment.pools(programs);
    List<Result> results = new ArrayList<>(Turns.measure(programs, plan, pools, FEW));
    results.addAll(Turns.measure(programs, plan.forks(1), pools, CROWDS));
    return results;
  }

  @Override
  public Map<String, String> plots(List<Result> results) {
    Map<String, String> plots = new LinkedHashMap<>();
    List<String> first = FEW.stream().limit(CALLS).map(Work::name).toList();
    plots.put("pools-calls", new BarChart("Calls and hand-overs by vCPU pool", first).svg(results));
    plots.put("pools-ring", line("Hand-over in a ring", "tasks", RING, Pools::ring, results));
    plots.put(
        "pools-runnable",
        line(
            "20 µs of computing: time by tasks",
            "tasks that wake up and compute at once",
            RUNNABLE,
            Pools::runnable,
            results));
    plots.put(
        "pools-blocked",
        line("Futex ping-pong", "blocked tasks beside it", BLOCKED, Pools::blocked, results));
    List<String> late = new ArrayList<>();
    Stream.of("p50", P99, "p99.9").map(Pools::lateness).forEach(late::add);
    plots.put(
        "pools-lateness",
        new BarChart("1 kHz timer beside " + COMPUTING + " computing threads: how late", late)
            .svg(results));
    return plots;
  }

  private static String line(
      String title, String axis, int[] sizes, IntFunction<String> name, List<Result> results) {
    return new LineChart(title, axis, sizes, name).svg(results);
  }
}
