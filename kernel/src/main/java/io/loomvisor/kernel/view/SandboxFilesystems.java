package io.loomvisor.kernel.view;

import io.loomvisor.kernel.KernelContext;
import io.loomvisor.platform.CpuFeatures;
import io.loomvisor.task.Task;
import io.loomvisor.task.UtsName;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.proc.ProcFilesystem;
import io.loomvisor.vfs.proc.StandardSysctls;
import io.loomvisor.vfs.proc.Sysctl;
import io.loomvisor.vfs.proc.SysctlTable;
import io.loomvisor.vfs.proc.SystemView;
import io.loomvisor.vfs.sys.CgroupFilesystem;
import io.loomvisor.vfs.sys.SysFilesystem;
import java.util.List;

/** The file systems that show the kernel itself. */
public final class SandboxFilesystems {
  private static final int PHYSICAL_BITS = 46;
  private static final int VIRTUAL_BITS = 48;

  private final KernelContext kernel;
  private final NetworkView network;
  private final SystemView system;

  public SandboxFilesystems(KernelContext kernel, NetworkView network) {
    this.kernel = kernel;
    this.network = network;
    this.system = new KernelSystem(kernel, model(kernel.cpuFeatures()));
  }

  private static SystemView.CpuModel model(CpuFeatures f) {
    return new SystemView.CpuModel(
        f.vendor(),
        f.family(),
        f.modelNumber(),
        f.stepping(),
        f.model(),
        0,
        0,
        List.of(f.flags().split(" ")),
        PHYSICAL_BITS,
        VIRTUAL_BITS);
  }

  /** proc(5). */
  public Filesystem proc() {
    return new ProcFilesystem(
        new KernelProcesses(kernel.processes(), kernel.startTime()),
        system,
        network,
        sysctls(),
        kernel.fileTree());
  }

  /** The reader's names. */
  private UtsName uts() {
    Task reader = Task.current();
    return reader == null ? kernel.uts() : reader.settings().uts();
  }

  private SysctlTable sysctls() {
    SysctlTable table = StandardSysctls.create(system, kernel.memoryTotals().total());
    table.put("kernel/hostname", new Sysctl.ReadOnly(() -> uts().hostName()));
    table.put("kernel/domainname", new Sysctl.ReadOnly(() -> uts().domainName()));
    kernel.taskLimits().addTo(table);
    table.put(
        "kernel/ns_last_pid",
        new Sysctl.ReadOnly(() -> Integer.toString(kernel.processes().lastPid())));
    table.put("net/ipv4/ping_group_range", kernel.inet().pingGroups());
    kernel.ipc().addTo(table);
    kernel.inotifyLimits().addTo(table);
    return table;
  }

  /** sysfs(5), as far as programs read it. */
  public Filesystem sys() {
    return new SysFilesystem(system, network);
  }

  /** An empty cgroup v2 hierarchy. */
  public Filesystem cgroup() {
    return new CgroupFilesystem(system);
  }
}
