package io.loomvisor.kernel.socket.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.client.DonatedSocket;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.wire.EventBatch;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.SocketRequest;
import io.loomvisor.kernel.socket.inet.HostSockets;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.socket.SocketFilesystem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of a sandbox to the host's network. Any thread; one of its own waits for what the
 * gofer tells.
 */
public final class HostNetwork implements HostSockets {
  private static final Logger LOG = LoggerFactory.getLogger(HostNetwork.class);

  private final GoferClient gofer;
  private final int events;
  private final int firstUnprivilegedPort;
  private final Map<Integer, HostSocket> open = new ConcurrentHashMap<>();
  private final TransferBuffers buffers = new TransferBuffers();

  /**
   * Takes the connections over.
   *
   * @param gofer to a socket gofer
   * @param events where that tells of readiness
   * @param firstUnprivilegedPort the host's net.ipv4.ip_unprivileged_port_start
   */
  public HostNetwork(GoferClient gofer, int events, int firstUnprivilegedPort) {
    this.gofer = gofer;
    this.events = events;
    this.firstUnprivilegedPort = firstUnprivilegedPort;
    Thread.ofPlatform().daemon().name("host-sockets").start(this::passOn);
  }

  private void passOn() {
    MemorySegment in = Arena.ofAuto().allocate(EventBatch.SIZE, 8);
    EventBatch batch = new EventBatch(in);
    try {
      for (; ; ) {
        DescriptorCalls.Received message = DescriptorCalls.receive(events, in);
        for (int fd : message.descriptors()) {
          DescriptorCalls.close(fd);
        }
        if (message.length() == 0) {
          break;
        }
        batch.read(message.length(), this::happened);
      }
    } catch (LinuxException e) {
      LOG.debug("The socket gofer's connection: {}", e.errno());
    }
    LOG.error("The socket gofer has ended: sockets of the host's network are told of no more.");
    open.values().forEach(HostSocket::lost);
  }

  private void happened(int handle, int what) {
    HostSocket socket = open.get(handle);
    if (socket != null) {
      socket.happened(what);
    }
  }

  @Override
  public SocketDescription create(
      Task task, SocketFilesystem inodes, boolean v6, int type, int protocol, int flags) {
    Credentials owner = task.credentials();
    if (protocol < 0 || protocol > 255) {
      throw Errno.EINVAL.exception();
    }
    if (type == SocketAbi.SOCK_RAW && protocol != 0 && !owner.has(Credentials.CAP_NET_RAW)) {
      throw Errno.EPERM.exception();
    }
    int domain = v6 ? SocketAbi.AF_INET6 : SocketAbi.AF_INET;
    DonatedSocket made = gofer.socket(new SocketRequest.Create(domain, type, protocol));
    return describe(made, new HostSocket.Kind(inodes, domain, type, protocol), owner, flags);
  }

  /** A connection that {@code listener} has accepted. */
  HostSocket accepted(int listener, HostSocket.Kind kind, Credentials owner) {
    return describe(gofer.socket(new SocketRequest.Accept(listener)), kind, owner, 0);
  }

  private HostSocket describe(
      DonatedSocket made, HostSocket.Kind kind, Credentials owner, int flags) {
    HostSocket socket = new HostSocket(this, made, kind, owner, flags);
    open.put(made.handle(), socket);
    return socket;
  }

  /** What is closed first, so that the last descriptor, and with it the socket, is the sentry's. */
  void close(DonatedSocket socket) {
    open.remove(socket.handle());
    try {
      done(new SocketRequest.Close(socket.handle()));
    } catch (LinuxException e) {
      LOG.debug("Closing a socket: {}", e.errno()); // the gofer has ended
    }
    DescriptorCalls.close(socket.descriptor());
  }

  void done(SocketRequest request) {
    gofer.ask(new Request.Socket(request), Reply.Done.class);
  }

  byte[] bytes(SocketRequest request) {
    return gofer.ask(new Request.Socket(request), Reply.Bytes.class).value();
  }

  int firstUnprivilegedPort() {
    return firstUnprivilegedPort;
  }

  TransferBuffers buffers() {
    return buffers;
  }
}
