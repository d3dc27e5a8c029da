package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.kernel.ProcessStart;
import io.loomvisor.platform.kvm.KvmOptions;
import io.loomvisor.runtime.host.RawArguments;
import io.loomvisor.runtime.jfr.FlightRecording;
import io.loomvisor.runtime.lock.GoferLock;
import io.loomvisor.runtime.lock.SentryLock;
import io.loomvisor.runtime.network.HostPassthrough;
import io.loomvisor.runtime.network.Takeover;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.SignalDispositions;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.KernelCaller;
import io.loomvisor.vfs.dev.DevTree;
import io.loomvisor.vfs.gofer.FileAccess;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.mount.MountNamespace;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.overlay.OverlayFilesystem;
import io.loomvisor.vfs.tmpfs.TmpFilesystem;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sandbox of {@code loomvisor do}: the gofer, the machine, the kernel and the first task. */
public final class Sandbox {
  private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);
  private static final int ROOT = 0;

  /** Pid 1 is an init of the kernel's own, {@link io.loomvisor.kernel.process.SandboxInit}. */
  private static final int FIRST_PID = 2;

  private final PlatformStart platform;

  private Sandbox(PlatformStart platform) {
    this.platform = platform;
  }

  /** Begins with what does not depend on what is to run. */
  public static Sandbox begin() {
    return new Sandbox(PlatformStart.begin());
  }

  /**
   * Runs {@code what} to its end: its exit status, or 128 + n if signal n killed it. The rest of
   * the sandbox is left to the end of the process, which the caller must bring about. Where
   * messages go has been set up.
   *
   * @throws StartFailure the command cannot be run
   * @throws IOException the sandbox itself cannot be set up
   */
  public int run(DoSpec what) throws StartFailure, IOException, InterruptedException {
    RecordingSpec recording = what.recording();
    if (recording == null) {
      return runNow(what);
    }
    FlightRecording recorder =
        FlightRecording.start(recording.file(), what.locked(), recording.settings());
    try {
      return runNow(what);
    } finally {
      recorder.finish();
    }
  }

  private int runNow(DoSpec what) throws StartFailure, IOException, InterruptedException {
    HostPassthrough host =
        what.network() == NetworkMode.HOST ? HostPassthrough.begin(HostPassthrough.ALL) : null;
    KvmOptions machine =
        SandboxKernel.machine(what.memoryLimit(), Integer.MAX_VALUE)
            .withVcpus(what.vcpus())
            .withStrategy(what.vcpuPool())
            .withSlice(what.timeSlice());
    platform.with(machine);
    GoferLock.Tree tree = new GoferLock.Tree(what.rootDirectory().toString(), true);
    GoferStart gofer = GoferStart.begin(List.of(tree));
    StartTimeline.mark("gofer asked to serve");
    SentryLock lock = what.locked() ? SentryLock.prepare() : null;
    StartTimeline.mark("lock prepared");
    SandboxKernel parts =
        new SandboxKernel(platform, HostFacts.hostName(), what.strace(), FIRST_PID);
    Kernel kernel = parts.kernel();
    StartTimeline.mark("kernel made");
    network(kernel, what.network(), host); // before sysfs is built, which shows it
    GoferClient client = parts.gofer(gofer, () -> {});
    Credentials credentials = Credentials.of(what.uid(), what.gid(), what.groups());
    MountNamespace mounts = mounts(parts, client);
    StartTimeline.mark("files mounted");
    try (StandardStreams streams = new StandardStreams(kernel, mounts, credentials)) {
      streams.open();
      ForwardedSignals signals = new ForwardedSignals(kernel.processes());
      StartTimeline.mark("streams and signals");
      if (lock != null) {
        lock.engage();
      } else {
        LOG.warn(
            "--no-lock: the sentry keeps its rights on the host. Not for programs you do not trust.");
      }
      StartTimeline.mark("locked in");
      ThreadGroup first = start(kernel, mounts, streams, credentials, what);
      signals.to(first);
      StartTimeline.mark("program started");
      int status = SandboxKernel.await(first);
      StartTimeline.mark("program ended");
      return status;
    }
  }

  private static void network(Kernel kernel, NetworkMode mode, HostPassthrough host)
      throws IOException {
    switch (mode) {
      case NONE -> kernel.inet().get().takeDown();
      case LOOPBACK -> {}
      case SANDBOX -> Takeover.into(kernel.inet().get());
      case HOST -> host.into(kernel.inet());
    }
  }

  private static MountNamespace mounts(SandboxKernel parts, GoferClient client) {
    Kernel kernel = parts.kernel();
    TmpFilesystem dev = parts.tmpfs("mode=755");
    DevTree.populate(dev.root(), false);
    Filesystem host = parts.hostTree(client, ROOT, true, FileAccess.EXCLUSIVE);
    Filesystem root =
        new OverlayFilesystem(host, parts.tmpfs(""), parts.devices(), FileClock.SYSTEM);
    return new SandboxMounts(kernel.fileTree(), root, "overlay")
        .mountQuiet(parts.own().proc(), "/proc")
        .mountQuiet(parts.own().sys(), "/sys")
        .mount(dev, "/dev", Mount.MS_NOSUID)
        .mount(kernel.devpts(), "/dev/pts", Mount.MS_NOSUID | Mount.MS_NOEXEC)
        .mountQuiet(parts.tmpfs(""), "/dev/shm")
        .namespace();
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
            mounts, mounts.root(), mounts.root(), what.umask(), new KernelCaller(credentials));
    WalkContext context = SandboxMounts.enter(kernel.fileTree(), root, what.workingDirectory());
    String path =
        new CommandSearch(kernel.fileTree(), context)
            .find(what.command().getFirst(), what.environment());
    FsContext fs = new FsContext(mounts, mounts.root(), context.start(), what.umask());
    try {
      return kernel.start(
          new ProcessStart(
                  fs, streams.descriptors(), credentials, path, what.command(), what.environment())
              .withTerminal(streams.terminal())
              .withDispositions(SignalDispositions.ignoring(what.ignoredSignals())));
    } catch (LinuxException e) {
      boolean missing = e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR;
      throw new StartFailure(
          missing ? StartFailure.NOT_FOUND : StartFailure.CANNOT_RUN,
          RawArguments.decode(path) + ": " + e.errno().text() + " (" + e.errno() + ")");
    }
  }
}
