package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.HostRandom;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.kernel.syscall.mount.TmpfsOptions;
import io.loomvisor.kernel.view.SandboxFilesystems;
import io.loomvisor.platform.kvm.KvmOptions;
import io.loomvisor.platform.kvm.Polling;
import io.loomvisor.scheduler.time.HeapTimerService;
import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.cache.PageCache;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.dev.Devices;
import io.loomvisor.vfs.dev.RandomSource;
import io.loomvisor.vfs.gofer.FileAccess;
import io.loomvisor.vfs.gofer.GoferFilesystem;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine, the kernel and what its file systems are made of: the part that all sandboxes share.
 */
final class SandboxKernel {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxKernel.class);

  private static final int SIGNAL_MASK = 0x7f;
  private static final int KILLED = 128;

  /** The part of memory that the page cache gives back at a time when there is none left. */
  private static final int RECLAIMED_SHARE = 64;

  private final Kernel kernel;
  private final PageStore pages;
  private final PageCache cache;
  private final Devices devices;
  private final SandboxFilesystems own;
  private final long memory;

  /** What this one's page cache can do for those who want memory. */
  private final LongSupplier reclaim;

  /**
   * @param strace whether each syscall is logged
   * @param firstPid of the first process
   */
  SandboxKernel(PlatformStart machine, String hostName, boolean strace, int firstPid)
      throws IOException {
    this(
        new Kernel(
            machine.await(),
            new HeapTimerService(),
            hostName,
            strace ? DebugAnswers.strace() : null,
            firstPid));
  }

  private SandboxKernel(Kernel kernel) {
    this.kernel = kernel;
    pages = kernel.pageStore();
    cache = new PageCache(pages);
    reclaim = () -> cache.reclaim(pages.capacity() / RECLAIMED_SHARE);
    kernel.outOfMemory().addCache(reclaim);
    devices = Devices.withMemoryDevices(pages, new RandomSource(new HostRandom()));
    kernel.terminals().registerIn(devices);
    memory = kernel.memoryTotals().total();
    own = new SandboxFilesystems(kernel, kernel.network());
    kernel
        .filesystemTypes()
        .register("tmpfs", this::tmpfs, option -> TmpfsOptions.parse(option, memory))
        .register("proc", options -> own.proc())
        .register("sysfs", options -> own.sys())
        .register("cgroup2", options -> own.cgroup())
        .register("devpts", options -> kernel.devpts());
  }

  /**
   * The usual machine.
   *
   * @param memoryLimit bytes; 0 for half of the host's
   * @param cpuLimit the CPU time of so many CPUs
   */
  static KvmOptions machine(long memoryLimit, int cpuLimit) throws IOException {
    long limit = memoryLimit != 0 ? memoryLimit : HostFacts.memoryTotal() / 2;
    Polling polling = Polling.configured().within(cpuLimit);
    return KvmOptions.DEFAULT.withMemoryLimit(limit).withPolling(polling);
  }

  /**
   * One more on this one's machine and network, until {@link #endBeside}.
   *
   * @param hostName null to share this one's names
   */
  SandboxKernel beside(String hostName, boolean sharesIpc) {
    SandboxKernel made = new SandboxKernel(kernel.beside(hostName, sharesIpc));
    // Frames are the machine's: whoever lacks one may have it from either cache.
    made.kernel.outOfMemory().addCache(reclaim);
    kernel.outOfMemory().addCache(made.reclaim);
    return made;
  }

  /**
   * The processes of {@code other}, which was made by {@link #beside}, have ended: gives back what
   * it holds.
   *
   * @param mounts null if it has none
   */
  void endBeside(SandboxKernel other, MountNamespace mounts) {
    kernel.outOfMemory().removeCache(other.reclaim);
    try {
      other.cache.writeBack();
    } catch (LinuxException e) {
      LOG.warn("What was written to mapped files is lost: {}", e.errno().text());
    }
    if (mounts != null) {
      mounts.mounts().stream().map(Mount::filesystem).distinct().forEach(Filesystem::end);
    }
    other.kernel.end();
    other.cache.reclaim(Long.MAX_VALUE);
  }

  Kernel kernel() {
    return kernel;
  }

  Devices devices() {
    return devices;
  }

  SandboxFilesystems own() {
    return own;
  }

  /**
   * The client of {@code gofer}; if that is lost, so are all processes.
   *
   * @param lost is told first
   */
  GoferClient gofer(GoferStart gofer, Runnable lost) {
    return gofer.client(whenLost(lost));
  }

  /** As {@link #gofer}, after the lock: somebody else has prepared the socket. */
  GoferClient preparedGofer(int socket, Runnable lost) {
    return GoferClient.ofPrepared(socket, whenLost(lost));
  }

  private Consumer<String> whenLost(Runnable lost) {
    return reason -> {
      LOG.error("The sandbox has lost its files ({}); its processes are killed.", reason);
      lost.run();
      kernel.killAll();
    };
  }

  /** Root number {@code root} of the gofer. */
  Filesystem hostTree(GoferClient client, int root, boolean readOnly, FileAccess access) {
    return GoferFilesystem.attach(client, root, cache, devices, readOnly, access);
  }

  /**
   * Without a size, half of the memory each, as on Linux: a full file system is ENOSPC for its
   * writers and leaves room for programs.
   *
   * @param options of mount(8)
   */
  TmpFilesystem tmpfs(String options) {
    return new TmpFilesystem(pages, devices, FileClock.SYSTEM, TmpfsOptions.parse(options, memory));
  }

  /** Kills all processes that there are, and waits until there are none. */
  void killAndAwaitAll() throws InterruptedException {
    for (; ; ) {
      List<ThreadGroup> left = kernel.processes().groups(g -> g.size() > 0);
      if (left.isEmpty()) {
        return;
      }
      kernel.killAll();
      for (ThreadGroup g : left) {
        await(g);
      }
    }
  }

  /** Waits for the end of {@code group}: its exit status, or 128 + n if signal n killed it. */
  static int await(ThreadGroup group) throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    WaitEntry entry = events -> ended.countDown();
    group.exitEvents().register(entry, 1);
    if (group.size() > 0) {
      ended.await();
    }
    group.exitEvents().unregister(entry);
    int status = group.exitStatus();
    int signal = status & SIGNAL_MASK;
    return signal != 0 ? KILLED + signal : status >> 8 & 0xff;
  }
}
