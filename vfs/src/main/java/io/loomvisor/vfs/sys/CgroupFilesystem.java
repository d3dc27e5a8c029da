package io.loomvisor.vfs.sys;

import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.proc.SystemView;
import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;

/**
 * The root of a cgroup v2 hierarchy without controllers, as a process in a cgroup namespace sees
 * its own group (cgroups(7)): programs that size themselves by limits (Java, node, Go) find the
 * file system, no limit in it, and fall back to the memory and CPUs that /proc and
 * sched_getaffinity(2) show, which are those of the sandbox. Read-only.
 */
public final class CgroupFilesystem extends SyntheticFilesystem {
  private static final long CGROUP2_SUPER_MAGIC = 0x63677270;

  private final StaticDirectory root;

  public CgroupFilesystem(SystemView system) {
    super(CGROUP2_SUPER_MAGIC);
    root = new StaticDirectory(this);
    text("cgroup.controllers", "");
    text("cgroup.subtree_control", "");
    text("cgroup.type", "domain");
    text("cgroup.max.depth", "max");
    text("cgroup.max.descendants", "max");
    text("cgroup.freeze", "0");
    text("cgroup.events", "populated 1\nfrozen 0");
    text("cgroup.stat", "nr_descendants 0\nnr_dying_descendants 0");
    root.add("cpu.stat", new Attribute(this, () -> cpuStat(system)));
  }

  private void text(String name, String value) {
    root.text(name, () -> value.isEmpty() ? "" : value + "\n");
  }

  private static String cpuStat(SystemView system) {
    long user = 0;
    long kernel = 0;
    for (SystemView.CpuTime t : system.cpuTimes()) {
      user += t.userNanos() / 1000;
      kernel += t.systemNanos() / 1000;
    }
    return "usage_usec " + (user + kernel) + "\nuser_usec " + user + "\nsystem_usec " + kernel;
  }

  @Override
  public String type() {
    return "cgroup2";
  }

  @Override
  public Inode root() {
    return root;
  }
}
