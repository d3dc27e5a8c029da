package io.loomvisor.runtime.oci.spec;

/**
 * {@code linux.resources}: limits of the sandbox as a whole, set on its cgroup of the host, but for
 * the number of tasks, which its own kernel limits. -1 is unlimited, 0 is as it was.
 *
 * @param memory bytes
 * @param swap memory and swap together, bytes
 * @param cpuset CPUs, as in "0-1"; null as it was
 * @param pids tasks
 */
public record Resources(
    long memory,
    long reservation,
    long swap,
    long shares,
    long quota,
    long period,
    String cpuset,
    String mems,
    long pids) {
  /** cpu.cfs_period_us and cpu.max of the host, if nobody has said otherwise. */
  private static final long USUAL_PERIOD = 100_000;

  /** As many CPUs have no more time than this has by {@link #quota}. */
  public int wholeCpus() {
    return quota > 0
        ? Math.clamp(quota / (period > 0 ? period : USUAL_PERIOD), 0, Integer.MAX_VALUE)
        : Integer.MAX_VALUE;
  }

  /** From the text of {@code update --resources}. */
  public static Resources parse(String text) throws ConfigException {
    return of(JsonView.parse(text, "resources"));
  }

  static Resources of(JsonView r) throws ConfigException {
    r.refuse("hugepageLimits", "rdma", "unified");
    JsonView network = r.child("network");
    network.refuse("classID", "priorities");
    JsonView memory = r.child("memory");
    JsonView cpu = r.child("cpu");
    cpu.refuse("realtimeRuntime", "realtimePeriod");
    JsonView io = r.child("blockIO");
    io.refuse(
        "leafWeight",
        "weightDevice",
        "throttleReadBpsDevice",
        "throttleWriteBpsDevice",
        "throttleReadIOPSDevice",
        "throttleWriteIOPSDevice");
    return new Resources(
        memory.number("limit", 0),
        memory.number("reservation", 0),
        memory.number("swap", 0),
        cpu.number("shares", 0),
        cpu.number("quota", 0),
        cpu.number("period", 0),
        cpu.string("cpus", null),
        cpu.string("mems", null),
        r.child("pids").number("limit", 0));
  }
}
