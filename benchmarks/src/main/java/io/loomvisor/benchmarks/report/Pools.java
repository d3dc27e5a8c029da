package io.loomvisor.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
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

  /** Wake-ups in a turn: so many that the 99.9th percentile is one of them. */
  private static final int WAKE_UPS = 1000;

  /** Works that take as long as they are allowed. */
  private static final int SLOW = 5;

  static String ring(int tasks) {
    return "hand-over in a ring of " + tasks + " tasks";
  }

  static String runnable(int tasks) {
    return "20 µs of computing, " + tasks + " runnable";
  }

  static String blocked(int tasks) {
    return "futex ping-pong beside " + tasks + " blocked";
  }

  static String lateness(String percentile) {
    return "1 kHz timer beside " + COMPUTING + " computing threads, late, " + percentile;
  }

  private static final List<Work> WORKS =
      Stream.of(
              Stream.of(
                  Work.of("system call round trip (getpgrp)", "syscall", 111),
                  Work.of("page fault, ascending", "fault"),
                  Work.of("map, touch and unmap one page", "lone_fault"),
                  Work.of("fork, exec, wait", "fork_exec"),
                  Work.of("pipe ping-pong, there and back", "ring", 2),
                  Work.of("futex ping-pong, there and back", "futex"),
                  Work.of("signal delivery", "signal")),
              IntStream.of(RING).mapToObj(n -> Work.ring(ring(n), n)),
              IntStream.of(RUNNABLE).mapToObj(n -> Work.of(runnable(n), "runnable", n)),
              IntStream.of(BLOCKED).mapToObj(n -> Work.of(blocked(n), "futex", n)),
              Stream.of(
                  Work.whole(
                      "1 kHz timer beside " + COMPUTING + " computing threads",
                      "mix",
                      COMPUTING,
                      WAKE_UPS,
                      new Work.Figure("late, p50", "ns", false),
                      new Work.Figure("late, " + P99, "ns", false),
                      new Work.Figure("late, p99.9", "ns", false),
                      new Work.Figure("steps that the others get done", "/µs", false))))
          .flatMap(s -> s)
          .toList();

  @Override
  public String section() {
    return SECTION;
  }

  @Override
  public double seconds(Programs programs, Plan plan) {
    return plan.seconds(Environment.pools(programs), WORKS, SLOW);
  }

  @Override
  public List<Result> measure(Programs programs, Plan plan) throws Exception {
    return Turns.measure(programs, plan, Environment.pools(programs), WORKS);
  }

  @Override
  public Map<String, String> plots(List<Result> results) {
    Map<String, String> plots = new LinkedHashMap<>();
    List<String> first =
        WORKS.stream().filter(w -> !w.program().equals("mix")).limit(7).map(Work::name).toList();
    plots.put("pools-calls", new BarChart("Calls and hand-overs by vCPU pool", first).svg(results));
    plots.put("pools-ring", line("Hand-over in a ring", "tasks", RING, Pools::ring, results));
    plots.put(
        "pools-runnable",
        line("20 µs of computing", "runnable tasks", RUNNABLE, Pools::runnable, results));
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
