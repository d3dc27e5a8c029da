package io.loomvisor.benchmarks.report;

import java.util.List;

/** Large amounts of memory: the first touch of all of it, and a fork that has to share it. */
final class MappedMemory implements Measurement {
  static final String SECTION = "memory";
  static final int GIB = 1024;
  static final String TOUCH = "1 GiB of anonymous memory touched";
  static final String EXITS = "page faults that the kernel answers";
  static final String FORK = "fork with 256 MiB in use, in the parent";
  static final String PROTECT = "mprotect(2) of these 256 MiB to read-only";

  private static final int FILLED = 256;
  private static final int FORKS = 2;
  private static final double SECONDS = 25;

  private static final List<Work> WORKS =
      List.of(
          Work.whole(
              TOUCH,
              "touch",
              0,
              GIB,
              new Work.Figure("", "ns", false),
              new Work.Figure(EXITS, "", false)),
          Work.whole(FORK, "fork_filled", FILLED, FORKS, new Work.Figure("", "ns", true)),
          Work.whole(PROTECT, "protect", FILLED, FORKS, new Work.Figure("", "ns", true)));

  private static List<Environment> environments(Programs programs) {
    return List.of(Environment.host(), Environment.sandbox(programs, Environment.LOOMVISOR));
  }

  @Override
  public String section() {
    return SECTION;
  }

  @Override
  public double seconds(Programs programs, Plan plan) {
    // Three turns of seconds, whatever the plan says.
    return SECONDS;
  }

  @Override
  public List<Result> measure(Programs programs, Plan plan) throws Exception {
    return Turns.measure(programs, plan.forks(1), environments(programs), WORKS);
  }
}
