package io.loomvisor.benchmarks.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The speeds that were to be reached, beside those that were measured last. */
final class Goals {
  static final String SECTION = "goals";

  private static final double ROUND_TRIP_RATIO = 1.10;
  private static final double ANSWERED_NS = 1500;
  private static final double FORK_NS = 10e6;
  private static final double ASK_NS = 60;
  private static final double POSTED_NS = 2000;
  private static final double PIPE_NS = 3000;
  private static final double COMPUTE_RATIO = 1.02;
  private static final double LATE_NS = 5e6;
  private static final double START_NS = 250e6;
  private static final double RESIDENT_MIB = 120;
  private static final int KIB_PER_GIB = 1 << 20;
  private static final int KIB_PER_EXIT_NESTED = 2048;
  private static final int KIB_PER_EXIT_SHADOW = 64;

  /** What was to be faster than runsc and user-mode Linux. */
  private static final List<String> TO_BE_AHEAD =
      List.of(Peers.SCRIPT, Peers.COMPILE, Peers.FAULT, Peers.PIPE, Peers.FUTEX, Peers.REDIS);

  private final Map<String, Results> sections = new TreeMap<>();
  private final List<List<String>> rows = new ArrayList<>();

  private Goals() {}

  /** The table, from what the sections' files say. */
  static String table(Path home, List<Measurement> measurements) throws IOException {
    Goals goals = new Goals();
    for (Measurement m : measurements) {
      goals.sections.put(m.section(), Results.read(home, m.section()));
    }
    goals.roundTrips();
    goals.memory();
    goals.tasks();
    goals.starts();
    goals.peers(Peers.SECTION);
    StringBuilder text = new StringBuilder();
    text.append(Table.line(List.of("Speed to reach", "Goal", "Measured", "")));
    text.append(Table.line(List.of("---", "---", "---", "---")));
    goals.rows.forEach(r -> text.append(Table.line(r)));
    return text.toString();
  }

  private Optional<Result> find(String section, String what, String where) {
    return sections.get(section).find(what, where);
  }

  private Optional<Double> ours(String section, String what) {
    return find(section, what, Environment.LOOMVISOR).map(Result::median);
  }

  private void row(String name, String goal, String measured, Optional<Boolean> reached) {
    String verdict = reached.map(r -> r ? "reached" : "**not reached**").orElse("not measured");
    rows.add(List.of(name, goal, measured, verdict));
  }

  /** One number that is to be no more than a limit. */
  private void limit(String name, String goal, Optional<Double> value, double most, boolean time) {
    row(
        name,
        goal,
        value.map(v -> time ? Result.time(v) : "%.3f".formatted(v)).orElse("–"),
        value.map(v -> v <= most));
  }

  private void roundTrips() {
    limit(
        "system call round trip, times the bare loop's",
        "≤ 1.10",
        ours(RoundTrips.SECTION, RoundTrips.RATIO),
        ROUND_TRIP_RATIO,
        false);
    for (String call : RoundTrips.ANSWERED) {
      limit(call, "≤ 1.5 µs", ours(RoundTrips.SECTION, call), ANSWERED_NS, true);
    }
    limit(
        RoundTrips.POSTED + ", a CPU being idle",
        "≤ 2 µs",
        ours(RoundTrips.SECTION, RoundTrips.POSTED),
        POSTED_NS,
        true);
    limit(
        "uncontended actor ask",
        "≤ 60 ns",
        find(MicroBenchmarks.SECTION, MicroBenchmarks.IDLE_ASK, MicroBenchmarks.IN_JVM)
            .map(Result::median),
        ASK_NS,
        true);
  }

  private void memory() {
    Optional<Double> exits =
        ours(MappedMemory.SECTION, MappedMemory.TOUCH + ", " + MappedMemory.EXITS);
    Optional<Double> entry =
        find(RoundTrips.SECTION, RoundTrips.ENTRY, RoundTrips.BARE).map(Result::median);
    // SYSCALL stays in ring 3 where guests run deprivileged, and there page tables are shadowed.
    int kib = entry.orElse(0.0) > 0 ? KIB_PER_EXIT_SHADOW : KIB_PER_EXIT_NESTED;
    String goal = "one exit per " + (kib == KIB_PER_EXIT_SHADOW ? "64 KiB" : "2 MiB");
    row(
        "first touch of 1 GiB of anonymous memory",
        goal + (kib == KIB_PER_EXIT_SHADOW ? " (shadow paging)" : " (nested paging)"),
        exits.map(n -> "one per %.0f KiB".formatted(KIB_PER_GIB / Math.max(1, n))).orElse("–"),
        exits.map(n -> KIB_PER_GIB / Math.max(1, n) >= kib));
    Optional<Double> fork = ours(MappedMemory.SECTION, MappedMemory.FORK);
    Optional<Double> flush = ours(MappedMemory.SECTION, MappedMemory.PROTECT);
    limit(
        "fork with 256 MiB mapped, beyond the platform's flush (mprotect of the same)",
        "≤ 10 ms",
        fork.flatMap(f -> flush.map(p -> f - p)),
        FORK_NS,
        true);
  }

  private void tasks() {
    limit(
        "pipe ping-pong, one way (a write and a read), beyond two round trips of the same turn",
        "≤ 3 µs",
        ours(RoundTrips.SECTION, RoundTrips.BEYOND),
        PIPE_NS,
        true);
    Optional<Double> ratio =
        find(Peers.SECTION, Peers.COMPUTE, Environment.LOOMVISOR)
            .flatMap(
                o ->
                    find(Peers.SECTION, Peers.COMPUTE, Environment.HOST)
                        .map(h -> o.ratio(h).median()));
    limit("a computing program, times native", "≤ 1.02", ratio, COMPUTE_RATIO, false);
    limit(
        "1 kHz timer beside four computing threads on two vCPUs, p99 of lateness",
        "< 5 ms",
        find(Pools.SECTION, Pools.lateness(Pools.P99), "sticky").map(Result::median),
        LATE_NS,
        true);
  }

  private void starts() {
    limit(
        "`loomvisor do -- /bin/true`",
        "≤ 250 ms",
        ours(Starts.SECTION, Starts.START),
        START_NS,
        true);
    Optional<Double> resident = ours(Starts.SECTION, Starts.RESIDENT);
    Optional<Double> once = ours(Starts.SECTION, Starts.ONCE);
    row(
        "sentry and gofer, resident",
        "≤ 120 MiB",
        resident.map(m -> "%.0f MiB".formatted(m)).orElse("–")
            + once.map(m -> ", %.0f MiB with shared pages counted once".formatted(m)).orElse(""),
        resident.map(m -> m <= RESIDENT_MIB));
  }

  private void peers(String section) {
    for (String what : TO_BE_AHEAD) {
      Optional<Result> ours = find(section, what, Environment.LOOMVISOR);
      List<String> words = new ArrayList<>();
      boolean measured = ours.isPresent();
      boolean ahead = true;
      for (String peer : List.of(Environment.RUNSC, Environment.UML)) {
        Optional<Result> theirs = find(section, what, peer);
        words.add(peer + ": " + Peers.standing(ours.orElse(null), theirs.orElse(null)));
        measured &= theirs.isPresent();
        ahead &= measured && theirs.get().median() > ours.get().median();
      }
      boolean all = ahead;
      row(
          what,
          "ahead of runsc and UML",
          String.join("; ", words),
          measured ? Optional.of(all) : Optional.empty());
    }
  }
}
