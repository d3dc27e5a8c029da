package io.loomvisor.vfs.sys;

import io.loomvisor.vfs.proc.CpuList;
import io.loomvisor.vfs.proc.MemInfoText;
import io.loomvisor.vfs.proc.SystemView;
import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;
import io.loomvisor.vfs.synthetic.TextFile;

/** devices/system: one package of single-threaded cores, one memory node. */
final class CpuTree {
  /** CONFIG_NR_CPUS - 1 of common kernels; what sizes cpu masks of programs that look. */
  private static final int KERNEL_MAX = 8191;

  private final SyntheticFilesystem filesystem;
  private final SystemView system;

  CpuTree(SyntheticFilesystem filesystem, SystemView system) {
    this.filesystem = filesystem;
    this.system = system;
  }

  void fill(StaticDirectory devicesSystem) {
    StaticDirectory cpu = devicesSystem.directory("cpu");
    int count = system.cpus();
    String all = CpuList.first(count);
    attribute(cpu, "online", all);
    attribute(cpu, "possible", all);
    attribute(cpu, "present", all);
    attribute(cpu, "offline", "");
    attribute(cpu, "isolated", "");
    attribute(cpu, "kernel_max", Integer.toString(KERNEL_MAX));
    for (int i = 0; i < count; i++) {
      processor(cpu.directory("cpu" + i), i);
    }
    node(devicesSystem.directory("node"), all);
  }

  private void processor(StaticDirectory cpu, int number) {
    String self = Integer.toString(number);
    String mask = mask(number);
    attribute(cpu, "online", "1");
    StaticDirectory topology = cpu.directory("topology");
    attribute(topology, "physical_package_id", "0");
    attribute(topology, "die_id", "0");
    attribute(topology, "core_id", self);
    attribute(topology, "thread_siblings", mask);
    attribute(topology, "thread_siblings_list", self);
    attribute(topology, "core_cpus", mask);
    attribute(topology, "core_cpus_list", self);
    attribute(topology, "core_siblings", allMask());
    attribute(topology, "core_siblings_list", CpuList.first(system.cpus()));
    attribute(topology, "package_cpus", allMask());
    attribute(topology, "package_cpus_list", CpuList.first(system.cpus()));
    StaticDirectory cache = cpu.directory("cache");
    cache(cache.directory("index0"), 1, "Data", 32, self, mask);
    cache(cache.directory("index1"), 1, "Instruction", 32, self, mask);
    cache(cache.directory("index2"), 2, "Unified", 1024, self, mask);
    long last = system.cpuModel().cacheBytes() >>> 10;
    if (last > 0) {
      cache(cache.directory("index3"), 3, "Unified", last, CpuList.first(system.cpus()), allMask());
    }
  }

  private void cache(
      StaticDirectory d, int level, String type, long kilobytes, String list, String mask) {
    attribute(d, "level", Integer.toString(level));
    attribute(d, "type", type);
    attribute(d, "size", kilobytes + "K");
    attribute(d, "coherency_line_size", "64");
    attribute(d, "shared_cpu_list", list);
    attribute(d, "shared_cpu_map", mask);
  }

  private void node(StaticDirectory node, String cpus) {
    attribute(node, "online", "0");
    attribute(node, "possible", "0");
    attribute(node, "has_cpu", "0");
    attribute(node, "has_memory", "0");
    attribute(node, "has_normal_memory", "0");
    StaticDirectory node0 = node.directory("node0");
    attribute(node0, "cpulist", cpus);
    attribute(node0, "cpumap", allMask());
    attribute(node0, "distance", "10");
    node0.add("meminfo", new TextFile(filesystem, 0444, () -> MemInfoText.node(system.memory())));
    attribute(
        node0,
        "numastat",
        "numa_hit 0\nnuma_miss 0\nnuma_foreign 0\ninterleave_hit 0\nlocal_node 0\nother_node 0");
    for (int i = 0; i < system.cpus(); i++) {
      node0.link("cpu" + i, "../../cpu/cpu" + i);
    }
  }

  /**
   * A mask as sysfs prints it: groups of 32 bits, the highest first, as wide as the CPUs there are.
   */
  private String mask(int only) {
    return masked(cpu -> cpu == only);
  }

  private String allMask() {
    return masked(cpu -> true);
  }

  private String masked(java.util.function.IntPredicate in) {
    int count = system.cpus();
    StringBuilder out = new StringBuilder();
    for (int group = (count - 1) / 32; group >= 0; group--) {
      long bits = 0;
      int width = Math.min(32, count - group * 32);
      for (int i = 0; i < width; i++) {
        if (in.test(group * 32 + i)) {
          bits |= 1L << i;
        }
      }
      String hex = Long.toHexString(bits);
      int digits = (width + 3) / 4;
      out.append(out.isEmpty() ? "" : ",")
          .append("0".repeat(Math.max(0, digits - hex.length())))
          .append(hex);
    }
    return out.toString();
  }

  private void attribute(StaticDirectory directory, String name, String value) {
    directory.add(name, new Attribute(filesystem, () -> value));
  }
}
