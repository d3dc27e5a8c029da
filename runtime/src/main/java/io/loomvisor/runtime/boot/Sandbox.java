package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.kernel.strace.Strace;
import io.loomvisor.kernel.syscall.mount.TmpfsOptions;
import io.loomvisor.kernel.view.SandboxFilesystems;
import io.loomvisor.platform.kvm.KvmOptions;
import io.loomvisor.platform.kvm.KvmPlatform;
import io.loomvisor.runtime.host.RawArguments;
import io.loomvisor.scheduler.time.HeapTimerService;
import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.cache.PageCache;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.dev.DevTree;
import io.loomvisor.vfs.dev.Devices;
import io.loomvisor.vfs.dev.RandomSource;
import io.loomvisor.vfs.gofer.GoferFilesystem;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.overlay.OverlayFilesystem;
import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A sandbox: the gofer, the machine, the kernel and the first task. */
public final class Sandbox {
  private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);
  private static final int ROOT = 0;
  private static final int SIGNAL_MASK = 0x7f;
  private static final int KILLED = 128;

  /** The part of memory that the page cache gives back at a time when there is none left. */
  private static final int RECLAIMED_SHARE = 64;

  private Sandbox() {}

  /**
   * Runs {@code what} to its end: its exit status, or 128 + n if signal n killed it. The rest of
   * the sandbox is left to the end of the process, which the caller must bring about.
   *
   * @throws StartFailure the command cannot be run
   * @throws IOException the sandbox itself cannot be set up
   */
  public static int run(DoSpec what) throws StartFailure, IOException, InterruptedException {
    GoferLauncher.Gofer gofer = GoferLauncher.launch(what.rootDirectory(), true);
    KvmPlatform platform = KvmPlatform.create(options(what));
    HeapTimerService timers = new HeapTimerService();
    Kernel kernel =
        new Kernel(platform, timers, HostFacts.hostName(), what.strace() ? strace() : null);
    GoferClient client = new GoferClient(gofer.socketFd(), reason -> goferLost(kernel, reason));
    Credentials credentials = Credentials.of(what.uid(), what.gid(), what.groups());
    MountNamespace mounts = mounts(kernel, client);
    try (StandardStreams streams = new StandardStreams(kernel, mounts, credentials)) {
      streams.open();
      ThreadGroup first = start(kernel, mounts, streams, credentials, what);
      try (ForwardedSignals _ = new ForwardedSignals(kernel.processes(), first)) {
        return exitStatus(await(first));
      }
    }
  }

  private static MountNamespace mounts(Kernel kernel, GoferClient client) {
    PageStore pages = kernel.pageStore();
    Devices devices = Devices.withMemoryDevices(pages, new RandomSource(new SecureRandom()));
    kernel.terminals().registerIn(devices);
    long memory = kernel.memoryTotals().total();
    // Half of the memory each, as on Linux: a full file system is ENOSPC for its writers and leaves
    // room for programs.
    TmpFilesystem.Options half = TmpfsOptions.parse("", memory);
    TmpFilesystem dev = tmpfs(pages, devices, half.withRootMode(0755));
    DevTree.populate(dev.root(), false);
    PageCache cache = new PageCache(pages);
    kernel.outOfMemory().addCache(() -> cache.reclaim(pages.capacity() / RECLAIMED_SHARE));
    Filesystem host = GoferFilesystem.attach(client, ROOT, cache, devices, true);
    Filesystem root =
        new OverlayFilesystem(host, tmpfs(pages, devices, half), devices, FileClock.SYSTEM);
    SandboxFilesystems own = new SandboxFilesystems(kernel, NetworkView.LOOPBACK_ONLY);
    kernel
        .filesystemTypes()
        .register("tmpfs", options -> tmpfs(pages, devices, TmpfsOptions.parse(options, memory)))
        .register("proc", options -> own.proc())
        .register("sysfs", options -> own.sys())
        .register("cgroup2", options -> own.cgroup())
        .register("devpts", options -> kernel.devpts());
    return new SandboxMounts(kernel.fileTree(), root, "overlay")
        .mountQuiet(own.proc(), "/proc")
        .mountQuiet(own.sys(), "/sys")
        .mount(dev, "/dev", Mount.MS_NOSUID)
        .mount(kernel.devpts(), "/dev/pts", Mount.MS_NOSUID | Mount.MS_NOEXEC)
        .mountQuiet(tmpfs(pages, devices, half), "/dev/shm")
        .namespace();
  }

  private static TmpFilesystem tmpfs(
      PageStore pages, Devices devices, TmpFilesystem.Options options) {
    return new TmpFilesystem(pages, devices, FileClock.SYSTEM, options);
  }

  private static KvmOptions options(DoSpec what) throws IOException {
    long memory = what.memoryLimit() != 0 ? what.memoryLimit() : HostFacts.memoryTotal() / 2;
    return KvmOptions.DEFAULT.withMemoryLimit(memory).withVcpus(what.vcpus());
  }

  private static Strace strace() {
    Logger log = LoggerFactory.getLogger("strace");
    return new Strace(log::warn);
  }

  private static void goferLost(Kernel kernel, String reason) {
    LOG.error("The sandbox has lost its files ({}); its processes are killed.", reason);
    kernel.killAll();
  }

  private static ThreadGroup start(
      Kernel kernel,
      MountNamespace mounts,
      StandardStreams streams,
      Credentials credentials,
      DoSpec what)
      throws StartFailure {
    WalkContext root =
        new WalkContext(
            mounts, mounts.root(), mounts.root(), what.umask(), new BootCaller(credentials));
    WalkContext context = SandboxMounts.enter(kernel.fileTree(), root, what.workingDirectory());
    String path =
        new CommandSearch(kernel.fileTree(), context)
            .find(what.command().getFirst(), what.environment());
    FsContext fs = new FsContext(mounts, mounts.root(), context.start(), what.umask());
    try {
      return kernel.start(
          fs,
          streams.descriptors(),
          credentials,
          path,
          what.command(),
          what.environment(),
          streams.terminal());
    } catch (LinuxException e) {
      boolean missing = e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR;
      throw new StartFailure(
          missing ? StartFailure.NOT_FOUND : StartFailure.CANNOT_RUN,
          RawArguments.decode(path) + ": " + e.errno().text() + " (" + e.errno() + ")");
    }
  }

  /**
   * The wait(2) status of the first process. Its end is the end of the sandbox, as with the init of
   * a container.
   */
  private static int await(ThreadGroup first) throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    WaitEntry entry = events -> ended.countDown();
    first.exitEvents().register(entry, 1);
    if (first.size() > 0) {
      ended.await();
    }
    first.exitEvents().unregister(entry);
    return first.exitStatus();
  }

  private static int exitStatus(int waitStatus) {
    int signal = waitStatus & SIGNAL_MASK;
    return signal != 0 ? KILLED + signal : waitStatus >> 8 & 0xff;
  }
}
