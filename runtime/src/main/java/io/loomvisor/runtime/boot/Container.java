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
    try {
      ContainerConfig config = creator.begin(directory, bundle);
      int control = creator.control(directory);
      ShellPipes pipes = ShellPipes.open(directory);
      container = boot(platform, config, creator, locked, lost);
      new ControlServer(control, pipes, container).start();
    } catch (IOException | LinuxException e) {
      LOG.error("The container cannot be created", e);
      creator.failed(e.getMessage());
      return FAILED;
    }
    if (!creator.created()) {
      return FAILED; // the creator has died: nobody knows of this container
    }
    lost.thenRun(container::filesLost);
    ThreadGroup first = container.awaitStart();
    int status = SandboxKernel.await(first);
    container.end();
    return status;
  }

  /** What no process of the container can have more of. */
  private static long bounding(ContainerConfig config) {
    return config.process() == null ? 0 : config.process().credentials().bounding();
  }

  private static ContainerControl boot(
      PlatformStart platform,
      ContainerConfig config,
      Creator creator,
      boolean locked,
      CompletableFuture<Void> lost)
      throws IOException {
    platform.with(SandboxKernel.machine(Math.max(0, config.resources().memory())));
    HostPassthrough passthrough =
        HostPassthrough.wanted() ? HostPassthrough.begin(bounding(config)) : null;
    List<GoferLock.Tree> trees = ContainerMounts.trees(config);
    int gofer = GoferLauncher.launch(trees);
    SentryLock lock = locked ? SentryLock.prepare() : null;
    String name = config.hostname() == null ? HostFacts.hostName() : config.hostname();
    SandboxKernel parts = new SandboxKernel(platform, name, false, ProcessTree.INIT);
    Kernel kernel = parts.kernel();
    kernel.taskLimits().limitContainer(config.resources().pids());
    if (config.domainname() != null) {
      kernel.uts().setDomainName(config.domainname());
    }
    // Hooks may yet write to files that are mounted: Docker's writes resolv.conf.
    creator.awaitHooks();
    if (passthrough != null) {
      passthrough.into(kernel.inet());
    } else if (OwnNetwork.present()) {
      Takeover.into(kernel.inet().get());
    }
    GoferClient client = parts.gofer(gofer, () -> lost.complete(null));
    List<Boolean> directories = trees.stream().map(GoferLock.Tree::directory).toList();
    MountNamespace mounts = ContainerMounts.build(parts, client, config, directories);
    SeccompState filters = config.seccomp() == null ? SeccompState.NONE : config.seccomp().filter();
    ContainerProcess first =
        config.process() == null
            ? null
            : ContainerProcess.prepare(kernel, mounts, config.process(), filters);
    HostStreams host = HostStreams.open(StandardStreams.nullDevice(), HostFacts::descriptorName);
    StandardStreams streams = null;
    if (first != null) {
      boolean terminal = config.process().terminal();
      streams = new StandardStreams(kernel, mounts, config.process().credentials(), host, terminal);
      streams.open();
    }
    if (System.getenv("LOOMVISOR_TRAINING") == null) {
      // As the first process of its PID namespace it gets the orphans of containers that join it.
      HostProcess.forgetChildren();
    }
    if (lock != null) {
      lock.engage();
    } else {
      LOG.warn("--no-lock: the sentry keeps its rights on the host.");
    }
    return new ContainerControl(
        kernel,
        mounts,
        host,
        first,
        streams,
        filters,
        new DebugAnswers(kernel, client),
        new FurtherContainers(parts, host),
        HostProcess::exit);
  }
}
