package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.runtime.host.HostProcess;
import io.loomvisor.runtime.lock.GoferLock;
import io.loomvisor.runtime.lock.SentryLock;
import io.loomvisor.runtime.network.HostPassthrough;
import io.loomvisor.runtime.network.OwnNetwork;
import io.loomvisor.runtime.network.Takeover;
import io.loomvisor.runtime.oci.control.ControlServer;
import io.loomvisor.runtime.oci.control.ShellPipes;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.runtime.oci.spec.Resources;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.vfs.host.HostStreams;
import io.loomvisor.vfs.mount.MountNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sentry of a container: the body of {@code loomvisor boot}. Boots, waits for its creator's
 * word that the hooks have run, locks itself in, says that the container is created, and waits for
 * {@code start}.
 */
public final class Container {
  private static final Logger LOG = LoggerFactory.getLogger(Container.class);

  /** Exit status if the sandbox failed; the reason has been told. */
  private static final int FAILED = 1;

  private Container() {}

  /**
   * @param directory the container's state
   * @param bundle what the configuration's root is relative to
   */
  public static int run(Path directory, Path bundle, Creator creator, boolean locked)
      throws InterruptedException {
    PlatformStart platform = PlatformStart.begin();
    ContainerControl container;
    CompletableFuture<Void> lost = new CompletableFuture<>();
    Beginning beginning = null;
    try {
      ContainerConfig config = creator.configuration(directory, bundle);
      StartTimeline.mark("configuration read");
      beginning = Beginning.of(creator, config);
      if (config.resources().cpuset() != null) {
        beginning.await(); // the platform has a vCPU for each CPU that this process may use
      }
      Resources resources = config.resources();
      platform.with(SandboxKernel.machine(Math.max(0, resources.memory()), resources.wholeCpus()));
      int control = creator.control(directory);
      StartTimeline.mark("control socket made");
      Booted booted = boot(platform, config, directory, beginning, creator, locked, lost);
      container = booted.container;
      new ControlServer(control, booted.pipes, container).start();
    } catch (IOException | LinuxException e) {
      LOG.error("The container cannot be created", e);
      if (beginning != null) {
        beginning.finish(); // whoever is told removes what it has made
      }
      creator.failed(e.getMessage());
      return FAILED;
    }
    if (!creator.created()) {
      return FAILED; // the creator has died: nobody knows of this container
    }
    lost.thenRun(container::filesLost);
    StartTimeline.mark("created");
    ThreadGroup first = container.awaitStart();
    StartTimeline.mark("program started");
    int status = SandboxKernel.await(first);
    StartTimeline.mark("program ended");
    container.end();
    return status;
  }

  /** What no process of the container can have more of. */
  private static long bounding(ContainerConfig config) {
    return config.process() == null ? 0 : config.process().credentials().bounding();
  }

  /** A container that waits for its start, and where it is told of it. */
  private record Booted(ContainerControl container, ShellPipes pipes) {}

  private static Booted boot(
      PlatformStart platform,
      ContainerConfig config,
      Path directory,
      Beginning beginning,
      Creator creator,
      boolean locked,
      CompletableFuture<Void> lost)
      throws IOException, InterruptedException {
    Resources resources = config.resources();
    HostPassthrough passthrough =
        HostPassthrough.wanted() ? HostPassthrough.begin(bounding(config)) : null;
    List<GoferLock.Tree> trees = ContainerMounts.trees(config);
    GoferStart gofer = GoferStart.begin(trees);
    StartTimeline.mark("gofer asked to serve");
    SentryLock lock = locked ? SentryLock.prepare() : null;
    StartTimeline.mark("lock prepared");
    String name = config.hostname() == null ? HostFacts.hostName() : config.hostname();
    SandboxKernel parts = new SandboxKernel(platform, name, false, ProcessTree.INIT);
    Kernel kernel = parts.kernel();
    kernel.taskLimits().limitContainer(resources.pids());
    if (config.domainname() != null) {
      kernel.uts().setDomainName(config.domainname());
    }
    StartTimeline.mark("kernel made");
    // Hooks may yet write to files that are mounted: Docker's writes resolv.conf.
    SeccompState filters = beginning.await();
    creator.awaitHooks();
    // Not before: with these ends open, that of the creator would be no end of the pipes any more.
    ShellPipes pipes = ShellPipes.open(directory);
    StartTimeline.mark("hooks have run");
    if (passthrough != null) {
      passthrough.into(kernel.inet());
    } else if (OwnNetwork.present()) {
      Takeover.into(kernel.inet().get());
    }
    GoferClient client = parts.gofer(gofer, () -> lost.complete(null));
    List<Boolean> directories = trees.stream().map(GoferLock.Tree::directory).toList();
    MountNamespace mounts = ContainerMounts.build(parts, client, config, directories);
    StartTimeline.mark("files mounted");
    ContainerProcess first =
        config.process() == null
            ? null
            : ContainerProcess.prepare(kernel, mounts, config.process(), filters);
    StartTimeline.mark("process prepared");
    HostStreams host = HostStreams.open(StandardStreams.nullDevice(), HostFacts::descriptorName);
    StandardStreams streams = null;
    if (first != null) {
      boolean terminal = config.process().terminal();
      streams = new StandardStreams(kernel, mounts, config.process().credentials(), host, terminal);
      streams.open();
    }
    StartTimeline.mark("streams");
    if (System.getenv("LOOMVISOR_TRAINING") == null) {
      // As the first process of its PID namespace it gets the orphans of containers that join it.
      HostProcess.forgetChildren();
    }
    if (lock != null) {
      lock.engage();
    } else {
      LOG.warn("--no-lock: the sentry keeps its rights on the host.");
    }
    StartTimeline.mark("locked in");
    ContainerControl container =
        new ContainerControl(
            kernel,
            mounts,
            host,
            first,
            streams,
            filters,
            new DebugAnswers(kernel, client),
            new FurtherContainers(parts, host),
            HostProcess::exit);
    return new Booted(container, pipes);
  }
}
