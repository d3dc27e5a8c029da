package io.loomvisor.kernel.view;

import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.ipc.IpcTables;
import io.loomvisor.task.UtsName;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.vfs.proc.SystemView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The machine as the sandbox sees it. */
final class KernelSystem implements SystemView {
  private final KernelContext kernel;
  private final CpuModel model;
  private final long bootSeconds = System.currentTimeMillis() / 1000;

  KernelSystem(KernelContext kernel, CpuModel model) {
    this.kernel = kernel;
    this.model = model;
  }

  @Override
  public String release() {
    return UtsName.RELEASE;
  }

  @Override
  public String version() {
    return UtsName.VERSION;
  }

  @Override
  public String commandLine() {
    return "";
  }

  @Override
  public long bootSeconds() {
    return bootSeconds;
  }

  @Override
  public long uptimeNanos() {
    return System.nanoTime() - kernel.startTime();
  }

  @Override
  public int cpus() {
    return kernel.cpuCount();
  }

  @Override
  public CpuModel cpuModel() {
    return model;
  }

  /** Nobody records where a task ran: every CPU has an equal share. */
  @Override
  public List<CpuTime> cpuTimes() {
    long user = kernel.activity().userTime();
    long system = kernel.activity().systemTime();
    int n = cpus();
    long idle = Math.max(0, uptimeNanos() * n - user - system);
    List<CpuTime> times = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      times.add(new CpuTime(user / n, system / n, idle / n));
    }
    return times;
  }

  @Override
  public MemoryTotals memory() {
    KernelContext.MemoryTotals m = kernel.memoryTotals();
    return new MemoryTotals(m.total(), m.free(), m.free(), 0, m.shared(), 0, 0, 0, 0);
  }

  @Override
  public LoadAverage load() {
    ProcessTree processes = kernel.processes();
    SystemActivity activity = kernel.activity();
    double[] load = activity.load();
    return new LoadAverage(
        load[0], load[1], load[2], activity.running(), processes.taskCount(), processes.lastPid());
  }

  @Override
  public long contextSwitches() {
    return kernel.activity().contextSwitches();
  }

  @Override
  public Map<String, Supplier<String>> ipcTables() {
    IpcTables tables = new IpcTables(kernel.ipc());
    return Map.of("shm", tables::shm, "sem", tables::sem, "msg", tables::msg);
  }

  @Override
  public List<FileLock> fileLocks() {
    return kernel.fileLocks().report();
  }

  @Override
  public long forks() {
    return kernel.processes().lastPid();
  }
}
