package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The vCPU pools compared by what depends on them: hand-overs between tasks, new processes, and a
 * task that must be on time beside others that compute. All strategies and the host take turns.
 */
final class Pools implements Measurement {
  private static final String HOST = "host";
  private static final List<String> STRATEGIES =
      List.of("sticky", "fifo", "stealing", "per-task", "owned", "batched");

  private static final int TURNS = 11;
  private static final int WARM_UP = 2;
  private static final int COMPUTING = 4;

  /** Wake-ups in a turn. */
  private static final int MIX_BATCH = 100;

  /** A program and how many operations make a turn. */
  private record Work(String name, String program, int batch) {}

  private static final List<Work> HAND_OVERS =
      List.of(
          new Work("pipe ping-pong, there and back", "pipe_pingpong", 200),
          new Work("futex ping-pong, there and back", "futex_pingpong", 200),
          new Work("fork, exec, wait", "fork_exec", 5));

  @Override
  public String section() {
    return "pools";
  }

  @Override
  public List<Result> measure(Programs programs) throws Exception {
    List<Result> results = new ArrayList<>();
    for (Work work : HAND_OVERS) {
      String program = programs.compile(work.program(), "-static");
      Map<String, List<List<Double>>> values =
          turns(programs, work.batch(), program, answer -> List.of(answer[0] / work.batch()));
      values.forEach((s, v) -> results.add(Result.of(name(work.name(), s), "ns", column(v, 0))));
    }
    String mix = programs.compile("cpu_mix", "-static");
    Map<String, List<List<Double>>> values =
        turns(
            programs, MIX_BATCH, mix, a -> List.of(a[0], a[1], a[3]), Integer.toString(COMPUTING));
    String timer = "1 kHz timer beside " + COMPUTING + " computing threads, late: ";
    values.forEach((s, v) -> results.add(Result.of(name(timer + "median", s), "ns", column(v, 0))));
    values.forEach((s, v) -> results.add(Result.of(name(timer + "p99", s), "ns", column(v, 1))));
    values.forEach(
        (s, v) ->
            results.add(
                Result.of(name("what these threads get done (steps/µs)", s), "/µs", column(v, 2))));
    return results;
  }

  /** What one answer of the program says. */
  private interface Reading {
    List<Double> of(double[] answer);
  }

  private static Map<String, List<List<Double>>> turns(
      Programs programs, int batch, String program, Reading reading, String... arguments)
      throws IOException {
    Map<String, TurnTaker> takers = new LinkedHashMap<>();
    Map<String, List<List<Double>>> values = new LinkedHashMap<>();
    String[] command = new String[arguments.length + 1];
    command[0] = program;
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    try {
      takers.put(HOST, new TurnTaker(List.of(command)));
      for (String s : STRATEGIES) {
        takers.put(s, new TurnTaker(programs.sandboxed(List.of("--vcpu-pool", s), command)));
      }
      for (int i = -WARM_UP; i < TURNS; i++) {
        boolean counts = i >= 0;
        takers.forEach(
            (s, taker) -> {
              List<Double> read = reading.of(numbers(taker.ask(batch)));
              if (counts) {
                values.computeIfAbsent(s, _ -> new ArrayList<>()).add(read);
              }
            });
      }
    } finally {
      for (TurnTaker t : takers.values()) {
        t.close();
      }
    }
    return values;
  }

  private static double[] numbers(String answer) {
    return java.util.Arrays.stream(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  private static List<Double> column(List<List<Double>> values, int index) {
    return values.stream().map(v -> v.get(index)).toList();
  }

  private static String name(String work, String strategy) {
    return work + "; " + strategy;
  }

  /** A column for each strategy, medians. */
  @Override
  public String rows(List<Result> results) {
    List<String> columns = new ArrayList<>(List.of(HOST));
    columns.addAll(STRATEGIES);
    Map<String, Map<String, Result>> table = new LinkedHashMap<>();
    for (Result r : results) {
      int cut = r.what().lastIndexOf("; ");
      table
          .computeIfAbsent(r.what().substring(0, cut), _ -> new LinkedHashMap<>())
          .put(r.what().substring(cut + 2), r);
    }
    String head = "| Median of " + TURNS + " turns | " + String.join(" | ", columns) + " |\n";
    String rule = "| --- |" + " --- |".repeat(columns.size()) + "\n";
    return head
        + rule
        + table.entrySet().stream()
            .map(
                e ->
                    columns.stream()
                        .map(c -> e.getValue().get(c).medianText())
                        .collect(Collectors.joining(" | ", "| " + e.getKey() + " | ", " |")))
            .collect(Collectors.joining("\n"));
  }
}
