package io.loomvisor.runtime.network;

import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.kernel.socket.host.HostNetwork;
import io.loomvisor.kernel.socket.inet.InetNetwork;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.runtime.host.Capability;
import io.loomvisor.runtime.host.ChildProcess;
import io.loomvisor.runtime.host.Confinement;
import io.loomvisor.runtime.host.JvmCommand;
import io.loomvisor.runtime.host.SocketPair;
import io.loomvisor.runtime.lock.SocketGoferLock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's network for a sandbox ({@code --network host}). The sentry is in a network namespace
 * of its own, which is empty; a socket gofer in the host's makes the sandbox's sockets. What the
 * sandbox sees of interfaces, addresses and routes is how they are when it starts.
 *
 * <p>The gofer must have an empty root directory and next to no capabilities, and cannot bring that
 * about itself: capabilities are a thread's, and a JVM has many. So the thread that starts it takes
 * them away beforehand, and afterwards moves the root of the mount namespace that the two are in:
 *
 * <pre>
 *   sentry, a thread                                     socket gofer
 *     enters the host's network, new mount namespace
 *     drops capabilities, starts                    ▶    boots; opens what it needs of files
 *                                                   ◀    the host's ip_unprivileged_port_start
 *     moves to an empty root, and the gofer with it
 *     "go on"                                       ▶    filter; serves
 * </pre>
 */
public final class HostPassthrough {
  private static final Logger LOG = LoggerFactory.getLogger(HostPassthrough.class);

  /**
   * Set by whoever started this sentry: a descriptor of the host's network namespace, or -1 if it
   * is in that itself.
   */
  private static final String DESCRIPTOR = "loomvisor.host.network";

  /** All that a socket gofer may have. */
  public static final long ALL =
      Capability.CAP_NET_BIND_SERVICE.bit() | Capability.CAP_NET_RAW.bit();

  /** The port from which on everybody may bind, in a message of its own. */
  public static final int HELLO_SIZE = Integer.BYTES;

  private record Started(GoferClient client, int events, int firstPort, List<HostLink> links) {}

  private final FutureTask<Started> start;

  private HostPassthrough(FutureTask<Started> start) {
    this.start = start;
  }

  /** Whether this sentry's sandbox is to be in the host's network. */
  public static boolean wanted() {
    return Integer.getInteger(DESCRIPTOR) != null;
  }

  /** Of a JVM, to tell it the descriptor. */
  public static String option(int descriptor) {
    return "-D" + DESCRIPTOR + "=" + descriptor;
  }

  /**
   * Begins to start the gofer.
   *
   * @param capabilities a set; of them it gets what it has a use for
   */
  public static HostPassthrough begin(long capabilities) {
    FutureTask<Started> start = new FutureTask<>(() -> start(capabilities & ALL));
    // A thread that ends with it: it changes its namespaces.
    Thread.ofPlatform().name("socket-gofer-start").start(start);
    return new HostPassthrough(start);
  }

  private static Started start(long capabilities) throws IOException {
    int network = Integer.getInteger(DESCRIPTOR);
    if (network >= 0) {
      Confinement.enter(network, Confinement.CLONE_NEWNET);
      DescriptorCalls.close(network);
    }
    List<HostLink> links;
    try (RouteNetlink host = new RouteNetlink()) {
      links = host.links();
    }
    boolean privileged = Capability.CAP_SYS_ADMIN.held();
    if (privileged) {
      Confinement.unshare(Confinement.CLONE_NEWNS);
      Confinement.leaveDirectory();
      Confinement.limitPrograms(capabilities);
    } else {
      LOG.warn("Not started as root: the socket gofer keeps its root directory.");
    }
    SocketPair requests = SocketPair.open();
    SocketPair events = SocketPair.open();
    try {
      spawn(requests.far(), events.far());
    } finally {
      SocketPair.close(requests.far());
      SocketPair.close(events.far());
    }
    int firstPort = agree(requests.near(), privileged);
    GoferClient client =
        new GoferClient(requests.near(), reason -> LOG.error("No sockets any more: {}", reason));
    return new Started(client, events.near(), firstPort, links);
  }

  private static void spawn(int requests, int events) throws IOException {
    List<String> command =
        JvmCommand.of(
            JvmCommand.Role.GOFER,
            List.of("-XX:+UseSerialGC", "-Xms8m", "-Xmx64m", "-XX:TieredStopAtLevel=1"),
            false,
            List.of(
                "socket-gofer",
                Integer.toString(ChildProcess.FIRST_DESCRIPTOR),
                Integer.toString(ChildProcess.FIRST_DESCRIPTOR + 1)));
    ChildProcess.spawn(
        new ChildProcess.Spec(
            command.getFirst(),
            command,
            JvmCommand.ENVIRONMENT,
            new ChildProcess.Streams.Quiet(),
            new int[] {requests, events},
            ChildProcess.Group.OWN));
  }

  private static int agree(int requests, boolean privileged) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(HELLO_SIZE, 8);
      if (DescriptorCalls.receive(requests, word).length() != HELLO_SIZE) {
        throw new IOException("the socket gofer cannot be started");
      }
      if (privileged) {
        SocketGoferLock.emptyRoot();
      }
      DescriptorCalls.send(requests, word, HELLO_SIZE, -1);
      return word.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /** Waits until the gofer is there, and gives the sandbox the host's network. */
  public void into(LazyNetwork inet) throws IOException {
    Started started;
    try {
      started = start.get();
    } catch (ExecutionException e) {
      throw new IOException("the host's network: " + e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    LOG.info("The host's network; ports below {} are privileged", started.firstPort());
    show(started.links(), inet.get());
    inet.useHost(new HostNetwork(started.client(), started.events(), started.firstPort()));
  }

  /** The stack, which no socket uses, is what the sandbox's views show. */
  private static void show(List<HostLink> links, InetNetwork network) {
    Nic loopback = network.ip().nics().getFirst();
    StackLinks shown = new StackLinks(network.ip());
    for (HostLink link : links) {
      if (link.isLoopback()) {
        shown.adopt(link, loopback);
      } else {
        shown.addAs(link, new DeafLink(link.mtu(), link.mac()));
      }
    }
  }
}
