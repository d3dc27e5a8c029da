package io.loomvisor.runtime.boot;

import com.google.gson.JsonObject;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.kernel.Kernel;
import io.loomvisor.runtime.oci.control.ControlServer;
import io.loomvisor.runtime.oci.control.Messages;
import io.loomvisor.runtime.oci.spec.ConfigException;
import io.loomvisor.runtime.oci.spec.ContainerConfig;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.vfs.host.HostStreams;
import io.loomvisor.vfs.mount.MountNamespace;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container that was put into the sandbox of another after the lock. It has a kernel, a gofer and
 * a control socket of its own; on the host a process stands for it, which is at the other end of
 * {@code answers}: its signals go to the first process, the end of that is its end. If it dies, all
 * processes of the container do.
 *
 * <p>Threads: one that makes it, waits and takes it down; one that listens to the process on the
 * host; its control server's.
 */
final class JoinedContainer {
  private static final Logger LOG = LoggerFactory.getLogger(JoinedContainer.class);
  private static final int KILLED = 128;

  private final SandboxKernel owner;
  private final HostStreams host;
  private final JoinRequest request;
  private final int answers;

  /** What it ends with if its process is not started. */
  private final AtomicInteger unstarted = new AtomicInteger(KILLED + Signal.SIGKILL);

  // Of the one thread; null until made.
  private SandboxKernel parts;
  private GoferClient gofer;
  private MountNamespace mounts;
  private StandardStreams streams;
  private ControlServer server;

  /** Set before the listener starts. */
  private ContainerControl control;

  JoinedContainer(SandboxKernel owner, HostStreams host, JoinRequest request, int answers) {
    this.owner = owner;
    this.host = host;
    this.request = request;
    this.answers = answers;
  }

  /** All of its life. */
  void run() {
    try {
      if (!create()) {
        return;
      }
      Thread listener =
          Thread.ofPlatform().daemon().name("host-" + request.id()).start(this::listen);
      ThreadGroup first = control.awaitStart();
      int status = first == null ? unstarted.get() : SandboxKernel.await(first);
      takeDown();
      JsonObject end = new JsonObject();
      end.addProperty("exit", status);
      tell(end);
      DescriptorCalls.shutdown(answers); // ends the listener
      listener.join();
      LOG.info("Container {} has ended with {}", request.id(), status);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      DescriptorCalls.close(answers);
    }
  }

  private boolean create() throws InterruptedException {
    try {
      make();
      tell(new JsonObject());
      return true;
    } catch (ConfigException | RuntimeException e) {
      LOG.warn("Container {} cannot be put into this sandbox", request.id(), e);
      takeDown();
      tell(Messages.error(e.getMessage()));
      return false;
    }
  }

  private void make() throws ConfigException {
    ContainerConfig config = request.config();
    parts = owner.beside(hostName(config), request.sharesIpc());
    Kernel kernel = parts.kernel();
    kernel.taskLimits().limitContainer(config.resources().pids());
    if (config.domainname() != null && !request.sharesNames()) {
      kernel.uts().setDomainName(config.domainname());
    }
    gofer = parts.preparedGofer(request.gofer(), this::filesLost);
    mounts = ContainerMounts.build(parts, gofer, config, request.directories());
    SeccompState filters = config.seccomp() == null ? SeccompState.NONE : config.seccomp().filter();
    ContainerProcess first = null;
    if (config.process() != null) {
      first = ContainerProcess.prepare(kernel, mounts, config.process(), filters);
      streams =
          new StandardStreams(
              kernel,
              mounts,
              config.process().credentials(),
              host.further(request.streams(), request.names()),
              config.process().terminal());
      streams.openForeign();
    }
    control =
        new ContainerControl(
            kernel,
            mounts,
            host,
            first,
            streams,
            filters,
            new DebugAnswers(kernel, gofer),
            null,
            this::leave);
    server = new ControlServer(request.control(), request.pipes(), control);
    server.start();
  }

  /** Null for the names of the container that the sandbox was made for. */
  private String hostName(ContainerConfig config) {
    if (request.sharesNames()) {
      return null;
    }
    return config.hostname() == null ? owner.kernel().uts().hostName() : config.hostname();
  }

  private void filesLost() {
    ContainerControl made = control;
    if (made != null) {
      made.filesLost();
    }
  }

  private void leave(int status) {
    unstarted.set(status);
    control.abandon();
  }

  /** What the process on the host has to tell, until it ends. */
  private void listen() {
    for (JsonObject m = next(); m != null; m = next()) {
      if (m.has("signal")) {
        control.signal(m.get("signal").getAsInt());
      } else if (m.has("resize") && streams != null) {
        streams.resized();
      }
    }
    control.abandon();
    parts.kernel().killAll();
  }

  private JsonObject next() {
    return Messages.receive(answers).json();
  }

  /**
   * Ends what is left of it, and gives back what it had; verbs that wait for it hear of it last.
   */
  private void takeDown() throws InterruptedException {
    if (server != null) {
      server.stop();
    }
    if (parts != null) {
      parts.killAndAwaitAll();
    }
    if (streams != null) {
      streams.close();
      streams.descriptors().closeRange(0, HostStreams.STDERR, false);
    } else {
      for (int fd : request.streams()) {
        DescriptorCalls.close(fd);
      }
    }
    if (parts != null) {
      owner.endBeside(parts, mounts);
    }
    if (gofer != null) {
      gofer.end();
    } else {
      DescriptorCalls.close(request.gofer());
    }
    if (server != null) {
      server.close();
      control.gone();
    } else {
      DescriptorCalls.close(request.control());
      request.pipes().close();
    }
  }

  private void tell(JsonObject message) {
    try {
      Messages.send(answers, message);
    } catch (LinuxException e) {
      // The process on the host has died: the listener sees the end of the connection.
      assert e.errno() != null;
    }
  }
}
