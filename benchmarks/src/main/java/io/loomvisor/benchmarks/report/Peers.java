package io.loomvisor.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The sandbox beside the host and beside what Debian has to compare with. All take turns, with all
 * their processes on the same CPUs: where those of a ptrace-based peer run changes its speed by a
 * factor of four to seven.
 */
final class Peers implements Measurement {
  static final String SECTION = "programs";
  static final String SCRIPT = "shell script of ten loops, 40 processes";
  static final String COMPILE = "gcc -O2 of a small file";
  static final String REDIS = "redis-benchmark: one SET and one GET, ten clients";
  static final String FAULT = "page fault, ascending";
  static final String PIPE = "pipe ping-pong, there and back";
  static final String FUTEX = "futex ping-pong, there and back";
  static final String COMPUTE = "computing without a call, 100 steps";

  private static final int GETPPID = 110;
  private static final int GETPGRP = 111;
  private static final double EVEN = 1.05;

  private static final List<Work> CALLS =
      List.of(
          Work.of("getppid(2): answered without leaving the guest", "syscall", GETPPID),
          Work.of("getpgrp(2): the sentry serves it", "syscall", GETPGRP),
          Work.of("clock_gettime(2)", "clock"),
          Work.of("read(2) of a byte, /dev/zero", "read"),
          Work.of("write(2) of a byte, /dev/null", "write"),
          Work.of("stat(2)", "stat"),
          Work.of("open(2) and close(2)", "open"),
          Work.of("sigaction(2)", "signal_install"),
          Work.of("signal caught", "signal"));

  private static final List<Work> FILES =
      List.of(
          Work.of("a file of a tree passed, with lstat(2)", "walk"),
          Work.of("lstat(2) of another file each time", "stat_many"),
          Work.of("small file made, written, closed and removed", "small_files"));

  private static final List<Work> MEMORY =
      List.of(
          Work.of(FAULT, "fault"),
          Work.of("map, touch and unmap one page", "lone_fault"),
          Work.of("map a file of 4 MiB, touch each 16 KiB, unmap", "mmap", 4),
          Work.of("memory read, 1 MiB", "bw_read", 8),
          Work.of("memory copied, 1 MiB", "bw_copy", 16));

  private static final List<Work> TASKS =
      List.of(
          Work.of("fork, exit, wait", "fork_exit"),
          Work.of("fork, exec, wait", "fork_exec"),
          Work.of("sh -c :", "shell"),
          Work.of(PIPE, "ring", 2),
          Work.shared("hand-over in a ring of 16 processes", "ring", 16),
          Work.of("64 KiB through a pipe", "bw_pipe"),
          Work.of(FUTEX, "futex"));

  private static final List<Work> WHOLE =
      List.of(
          Work.of(COMPUTE, "compute"),
          Work.of(SCRIPT, "script"),
          Work.of(COMPILE, "compile"),
          Work.many(REDIS, "redis", 200),
          Work.many("sysbench cpu, one event", "sysbench_cpu", 20),
          Work.many("sysbench threads, one event, 8 threads", "sysbench_threads", 50),
          Work.many("sysbench mutex, one lock, 8 threads", "sysbench_mutex", 10_000));

  /** Those whose operation takes longer than a turn somewhere. */
  private static final int SLOW = 4;

  private final String section;
  private final String cpus;
  private final List<Work> works;

  /**
   * @param cpus all processes of all environments run on these
   * @param only works of such names
   */
  Peers(String section, String cpus, Predicate<String> only) {
    this.section = section;
    this.cpus = cpus;
    this.works =
        Stream.of(CALLS, FILES, MEMORY, TASKS, WHOLE)
            .flatMap(List::stream)
            .filter(w -> only.test(w.name()))
            .toList();
  }

  boolean measuresNothing() {
    return works.isEmpty();
  }

  @Override
  public String section() {
    return section;
  }

  @Override
  public double seconds(Programs programs, Plan plan) {
    int slow = Math.min(SLOW, works.size());
    return plan.forks(1).seconds(Environment.peers(programs), works, slow);
  }

  @Override
  public List<Result> measure(Programs programs, Plan plan) throws Exception {
    List<Environment> environments =
        Environment.peers(programs).stream().map(e -> e.on(cpus)).toList();
    return Turns.measure(programs, plan.forks(1), environments, works);
  }

  /** How the sandbox stands to a peer: in words, from the medians. */
  static String standing(Result ours, Result peer) {
    if (ours == null || peer == null || !ours.measured() || !peer.measured()) {
      return "–";
    }
    double ratio = peer.ratio(ours).median();
    return ratio > EVEN
        ? "ahead %.1f×".formatted(ratio)
        : ratio < 1 / EVEN ? "**behind %.1f×**".formatted(1 / ratio) : "even";
  }

  private static String verdict(Map<String, Result> row) {
    Result ours = row.get(Environment.LOOMVISOR);
    List<String> parts = new ArrayList<>();
    for (String peer : List.of(Environment.RUNSC, Environment.UML)) {
      parts.add(standing(ours, row.get(peer)));
    }
    return String.join("; ", parts);
  }

  @Override
  public String table(List<Result> results) {
    return Table.of(results, "loomvisor against runsc; against UML", Peers::verdict);
  }

  @Override
  public Map<String, String> plots(List<Result> results) {
    Map<String, String> plots = new LinkedHashMap<>();
    plots.put(
        section + "-calls",
        chart("Calls, files and memory", results, Stream.of(CALLS, FILES, MEMORY)));
    plots.put(
        section + "-tasks", chart("Tasks and whole programs", results, Stream.of(TASKS, WHOLE)));
    return plots;
  }

  private String chart(String title, List<Result> results, Stream<List<Work>> works) {
    List<String> names = works.flatMap(List::stream).map(Work::name).toList();
    return new BarChart(title + ", times the host's, CPUs " + cpus, names).svg(relative(results));
  }

  /** Each result as a multiple of the host's. */
  private static List<Result> relative(List<Result> results) {
    List<Result> relative = new ArrayList<>();
    Table.rows(results)
        .forEach(
            (what, row) -> {
              Result base = row.get(Environment.HOST);
              row.values().stream()
                  .filter(r -> r != base && r.measured() && base.measured())
                  .map(r -> Result.of(what, r.where(), "×", quotients(r, base)))
                  .forEach(relative::add);
            });
    return relative;
  }

  private static List<Double> quotients(Result r, Result base) {
    double median = base.median();
    return r.values().stream().map(v -> v / median).toList();
  }
}
