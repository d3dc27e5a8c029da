package io.loomvisor.kernel;

import io.loomvisor.kernel.ipc.IpcNamespace;
import io.loomvisor.kernel.lock.FileLocks;
import io.loomvisor.kernel.process.TaskLimits;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.kernel.time.Clocks;
import io.loomvisor.kernel.time.Timers;
import io.loomvisor.kernel.view.SystemActivity;
import io.loomvisor.platform.CpuFeatures;
import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.task.UtsName;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.notify.InotifyLimits;
import io.loomvisor.vfs.pipe.PipeFilesystem;

/** What the families of syscalls need of the kernel. One per sandbox; any thread. */
public interface KernelContext {
  FileTree fileTree();

  /** Where pipe2(2) makes pipes. */
  PipeFilesystem pipes();

  TimerService timers();

  Clocks clocks();

  /** Interval and POSIX timers and CPU limits of the processes. */
  Timers intervalTimers();

  ProcessTree processes();

  /** kernel.threads-max and RLIMIT_NPROC. */
  TaskLimits taskLimits();

  /** Host and domain name of the first process; others may have their own. */
  UtsName uts();

  Entropy random();

  /** The IP network: interfaces, addresses, sockets. */
  LazyNetwork inet();

  /** Record locks and flock locks of the sandbox. */
  FileLocks fileLocks();

  InotifyLimits inotifyLimits();

  /** CPU time and load of the sandbox as a whole. */
  SystemActivity activity();

  /** System V IPC of the sandbox. */
  IpcNamespace ipc();

  /** Frames for memfd_create(2). */
  PageStore pageStore();

  CpuFeatures cpuFeatures();

  /** CPUs that applications see: at least 1. */
  int cpuCount();

  /** A task has been bound to some of the CPUs: from now on it matters on which one it is told. */
  void taskBound();

  MemoryTotals memoryTotals();

  /** {@link System#nanoTime} when the sandbox booted: the zero of sysinfo's uptime. */
  long startTime();

  /** Memory of the sandbox now, in bytes (sysinfo(2)). */
  record MemoryTotals(long total, long free, long shared, long buffers) {}

  /** A source of random bytes for getrandom(2). */
  @FunctionalInterface
  interface Entropy {
    void fill(byte[] bytes);
  }
}
