package io.loomvisor.net.udp;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.error.ErrorReport;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.PortTable;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * One UDP socket. Operations never wait; they return a count or 0, or a negative Linux errno. Any
 * thread may call them, except from inside a mailbox of the stack.
 */
public final class UdpEndpoint extends MessageEndpoint {
  /** What is longer is refused before anything is looked at (udp_sendmsg). */
  private static final int MAX_LENGTH = 65_535;

  private final IpLayer ip;
  private final UdpLayer layer;
  private final boolean v6;
  private final UdpOptions options;
  private final UdpSending sending;
  private final Memberships memberships;
  private final ReceiveQueue queue = new ReceiveQueue();
  private IpAddress local;

  /** The own address was chosen by bind(2), not by connect(2). */
  private boolean addressBound;

  private IpAddress peer;
  private int localPort;
  private int peerPort;
  private PortTable.Binding binding;

  UdpEndpoint(IpLayer ip, UdpLayer layer, boolean v6) {
    this.ip = ip;
    this.layer = layer;
    this.v6 = v6;
    this.local = IpAddress.any(v6);
    options = new UdpOptions(ip, v6);
    sending = new UdpSending(ip, layer, options);
    memberships = new Memberships(ip, options);
  }

  /** One datagram and who sent it. */
  public record Datagram(IpAddress source, int port, byte[] data) {}

  // Names

  /** bind(2): 0 or a negative errno. */
  @Override
  public int bind(IpAddress address, int port) {
    return ask(() -> doBind(address, port));
  }

  /**
   * As {@link #bind}, for a service that the host has beside its sockets: it gets the datagrams to
   * exactly that address, and takes the port from nobody.
   */
  public int bindBeside(IpAddress address, int port) {
    return ask(
        () -> {
          int r = doBind(address, port);
          if (r == 0) {
            layer.ports().give(localPort, binding);
          }
          return r;
        });
  }

  private int doBind(IpAddress address, int port) {
    if (closed()) {
      return -Errno.EBADF;
    }
    if (localPort != 0 || port < 0 || port > 65_535) {
      return -Errno.EINVAL;
    }
    if (address.v6() && !v6) {
      return -Errno.EAFNOSUPPORT;
    }
    if (address.v6() != v6 || address.isMapped() && options.v6Only) {
      return -Errno.EINVAL;
    }
    IpAddress own = address.unmapped();
    boolean usable =
        own.isUnspecified()
            || own.isMulticast()
            || options.freeBind
            || ip.isLocal(own)
            || ip.isBroadcast(own);
    if (!usable) {
      return -Errno.EADDRNOTAVAIL;
    }
    int r = takePort(own, port);
    if (r < 0) {
      return r;
    }
    local = own;
    addressBound = !own.isUnspecified();
    publish();
    return 0;
  }

  private int takePort(IpAddress own, int port) {
    PortTable.Binding b =
        new PortTable.Binding(
            own,
            options.v6Only,
            options.reuseAddress,
            options.reusePort,
            options.nicId,
            PortTable.Use.DATAGRAM);
    int taken = port;
    if (port == 0) {
      taken = layer.ephemeral().any(n -> layer.ports().take(n, b));
    } else if (!layer.ports().take(port, b)) {
      taken = -Errno.EADDRINUSE;
    }
    if (taken > 0) {
      localPort = taken;
      binding = b;
    }
    return taken;
  }

  private void publish() {
    if (localPort != 0 && !closed()) {
      layer.publish(
          localPort,
          new UdpBinding(
              this,
              local,
              v6 && !options.v6Only && local.v6() && local.isUnspecified(),
              peer,
              peerPort,
              options.nicId,
              options.reusePort,
              memberships.groups(),
              options.multicastAll));
    }
  }

  /**
   * connect(2): from now on sends to, and takes from, one peer only. 0 or a negative errno; {@link
   * #disconnect} ends it.
   */
  @Override
  public int connect(IpAddress address, int port) {
    return ask(() -> doConnect(address, port));
  }

  private int doConnect(IpAddress address, int port) {
    if (closed()) {
      return -Errno.EBADF;
    }
    if (address.v6() && !v6 || !address.v6() && options.v6Only) {
      return -Errno.EAFNOSUPPORT;
    }
    if (port < 0 || port > 65_535) {
      return -Errno.EINVAL;
    }
    IpAddress to = UdpSending.destination(address, local);
    if (!to.v6() && options.v6Only) {
      return -Errno.ENETUNREACH;
    }
    boolean fixed = !local.isUnspecified();
    if (fixed && local.v6() != to.v6()) {
      return -Errno.EAFNOSUPPORT;
    }
    Path path = sending.path(to, fixed ? local : null);
    if (path == null) {
      return -Errno.ENETUNREACH;
    }
    if (path.broadcast() && !options.broadcast) {
      return -Errno.EACCES;
    }
    if (localPort == 0) {
      int r = takePort(IpAddress.any(v6), 0);
      if (r < 0) {
        return r == -Errno.EADDRINUSE ? -Errno.EAGAIN : r;
      }
    }
    if (!fixed) {
      local = path.source();
    }
    peer = to;
    peerPort = port;
    publish();
    return 0;
  }

  /** connect(2) with AF_UNSPEC. */
  @Override
  public int disconnect() {
    return ask(
        () -> {
          peer = null;
          peerPort = 0;
          if (!addressBound) {
            local = IpAddress.any(v6);
          }
          publish();
          return 0;
        });
  }

  public int localPort() {
    return ask(() -> localPort);
  }

  /** getsockname(2). */
  @Override
  public SocketAddress localAddress() {
    return ask(
        () ->
            new SocketAddress(local.isUnspecified() ? IpAddress.any(v6) : shown(local), localPort));
  }

  /** getpeername(2), or null (ENOTCONN). */
  @Override
  public SocketAddress peerAddress() {
    return ask(
        () -> peer == null || peerPort == 0 ? null : new SocketAddress(shown(peer), peerPort));
  }

  private IpAddress shown(IpAddress a) {
    return v6 ? a.mapped() : a;
  }

  // Sending

  /** Sends all of {@code data}: bytes sent or a negative errno. */
  public int send(IpAddress to, int port, byte[] data) {
    return send(to, port, data, 0, data.length, false);
  }

  /**
   * sendto(2).
   *
   * @param to null: to the peer
   * @param more MSG_MORE: the datagram goes on with the next call
   */
  public int send(IpAddress to, int port, byte[] a, int offset, int length, boolean more) {
    return send(to, port, MemorySegment.ofArray(a), offset, length, more);
  }

  public int send(
      IpAddress to, int port, MemorySegment data, long offset, int length, boolean more) {
    return send(to, port, data, offset, length, more, -1);
  }

  /**
   * As the other ones.
   *
   * @param segment bytes of each datagram that the data is cut into, as UDP_SEGMENT in a control
   *     message; 0: it is not; negative: as the option says
   */
  public int send(
      IpAddress to,
      int port,
      MemorySegment data,
      long offset,
      int length,
      boolean more,
      int segment) {
    return ask(() -> doSend(to, port, data, offset, length, more, segment));
  }

  private int doSend(
      IpAddress to,
      int port,
      MemorySegment data,
      long offset,
      int length,
      boolean more,
      int segment) {
    int refusal = sendRefusal();
    if (refusal < 0) {
      return refusal;
    }
    IpAddress target = to == null ? peer : to;
    int targetPort = to == null ? peerPort : port;
    if (target == null) {
      return -Errno.EDESTADDRREQ;
    }
    if (to != null && to.v6() && !v6) {
      return -Errno.EAFNOSUPPORT;
    }
    if (to != null && targetPort <= 0 || targetPort > 65_535) {
      return -Errno.EINVAL;
    }
    IpAddress destination = UdpSending.destination(target, local);
    if (!destination.v6() && options.v6Only) {
      return -Errno.ENETUNREACH;
    }
    if (localPort == 0) {
      int r = doBind(IpAddress.any(v6), 0);
      if (r < 0) {
        // inet_autobind, as udp(7) says.
        return r == -Errno.EADDRINUSE ? -Errno.EAGAIN : r;
      }
    }
    IpAddress source = local.isUnspecified() || local.isMulticast() ? null : local;
    sending.segment(segment < 0 ? options.segment : segment);
    int sent = sending.send(destination, targetPort, source, localPort, data, offset, length, more);
    if (sent == -Errno.EMSGSIZE && length <= MAX_LENGTH && options.receiveErrors) {
      reportTooLong(destination, targetPort, source);
    }
    return sent;
  }

  /** ip_local_error, whose port is the peer's if there is one, and ipv6_local_error. */
  private void reportTooLong(IpAddress to, int port, IpAddress source) {
    Path path = sending.path(to, source);
    if (path != null) {
      SocketAddress whom = new SocketAddress(shown(to), to.v6() ? port : peerPort);
      report(new ErrorReport.Local(whom, Errno.EMSGSIZE, path.shownMtu()));
    }
  }

  // Receiving

  /** The next datagram, or null if there is none; see {@link #takeError}. */
  public Datagram receive() {
    return ask(
        () -> {
          PacketBuffer p = queue.take();
          if (p == null) {
            return null;
          }
          byte[] data = Arrays.copyOfRange(p.array(), p.start() + Udp.HEADER, p.end());
          Datagram d = new Datagram(shown(p.flow.remote()), p.flow.remotePort, data);
          p.release();
          return d;
        });
  }

  /**
   * recvfrom(2): bytes copied, or a negative errno; the rest of a longer datagram is lost, {@code
   * info} has its length. One that is shut for reading and empty says -EAGAIN too; a caller that
   * would wait sees RDHUP and gives 0.
   */
  @Override
  public int receive(byte[] a, int offset, int length, boolean peek, DatagramInfo info) {
    return receive(MemorySegment.ofArray(a), offset, length, peek, info);
  }

  public int receive(MemorySegment to, long offset, int length, boolean peek, DatagramInfo info) {
    return ask(() -> doReceive(to, offset, length, peek, info));
  }

  private int doReceive(
      MemorySegment to, long offset, int length, boolean peek, DatagramInfo info) {
    int error = takePendingError();
    if (error != 0) {
      return -error;
    }
    if (queue.isEmpty()) {
      return -Errno.EAGAIN;
    }
    int n =
        options.joinsUnits
            ? queue.readUnit(to, offset, length, peek, info)
            : queue.read(to, offset, length, peek, info);
    info.source = shown(info.source);
    info.destination = shown(info.destination);
    return n;
  }

  /** SIOCINQ: length of the next datagram, or 0. */
  @Override
  public int available() {
    return ask(() -> queue.available(options.joinsUnits));
  }

  @Override
  public int queuedBytes() {
    return ask(queue::bytes);
  }

  /** Bytes of the arrays that wait. */
  int heldBytes() {
    return ask(queue::held);
  }

  // Groups

  /** IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP. {@code nicId} 0: by route. 0 or a negative errno. */
  public int join(IpAddress group, int nicId) {
    return ask(
        () -> {
          int r = closed() ? -Errno.EBADF : memberships.join(group.unmapped(), nicId);
          publish();
          return r;
        });
  }

  /** IP_DROP_MEMBERSHIP, IPV6_LEAVE_GROUP. */
  public int leave(IpAddress group, int nicId) {
    return ask(
        () -> {
          int r = memberships.leave(group.unmapped(), nicId);
          publish();
          return r;
        });
  }

  // Options

  /** setsockopt(2): 0 or a negative errno. */
  @Override
  public int setOption(SocketOption o, int value) {
    return ask(
        () -> {
          int r = options.set(o, value, localPort != 0);
          if (r == 0) {
            amendBinding();
            publish();
            if (o == SocketOption.UDP_CORK && value == 0) {
              return Math.min(0, sending.flush());
            }
          }
          return r;
        });
  }

  private void amendBinding() {
    if (binding != null) {
      PortTable.Binding b = binding.sharing(options.reuseAddress, options.reusePort);
      layer.ports().amend(localPort, binding, b);
      binding = b;
    }
  }

  /** getsockopt(2): the value, or a negative errno. */
  @Override
  public int getOption(SocketOption o) {
    return ask(
        () ->
            switch (o) {
              case SO_ERROR -> takePendingError();
              case IP_MTU, IPV6_MTU -> {
                Path path = peer == null ? null : sending.path(peer, null);
                yield path == null ? -Errno.ENOTCONN : path.mtu();
              }
              default -> options.get(o);
            });
  }

  // Closing

  @Override
  public void close() {
    ask(
        () -> {
          if (!markClosed()) {
            return;
          }
          if (localPort != 0) {
            layer.withdraw(localPort, this);
            layer.ports().give(localPort, binding);
          }
          memberships.leaveAll();
          queue.clear();
        });
  }

  // Readiness

  @Override
  protected boolean connected() {
    return peer != null;
  }

  @Override
  protected boolean hasMessage() {
    return !queue.isEmpty();
  }

  // Messages

  /** Takes a packet, or drops it if too many wait for the mailbox already. */
  void arrive(PacketBuffer p) {
    if (admit()) {
      tell(p);
    } else {
      dropForRoom(p);
    }
  }

  private void dropForRoom(PacketBuffer p) {
    ip.mib().count(Counter.Udp_RcvbufErrors);
    countDrop();
    p.release();
  }

  @Override
  public void onPacket(PacketBuffer p) {
    admitted();
    boolean fromPeer =
        peer == null || p.flow.remote().equals(peer) && p.flow.remotePort == peerPort;
    if (closed() || !fromPeer) {
      ip.mib().count(Counter.Udp_NoPorts);
      p.release();
      return;
    }
    if (!wanted(p, Udp.HEADER)) {
      ip.mib().count(Counter.Udp_InErrors);
      countDrop();
      p.release();
      return;
    }
    p.arrival = arrivalTime();
    if (!queue.add(p, options.receiveBuffer)) {
      dropForRoom(p);
      return;
    }
    ip.mib().count(Counter.Udp_InDatagrams);
    event(Readiness.IN);
  }

  /**
   * Only a connected socket hears of errors (RFC 1122 section 4.1.3.3, udp(7)), or one that asked
   * for them with IP_RECVERR.
   */
  void fail(IpAddress remote, int port, IcmpError error) {
    tell(
        () -> {
          boolean wanted = options.receiveErrors;
          boolean tooBig = error.kind() == IcmpError.Kind.TOO_BIG && options.mtuDiscover >= 2;
          if (closed() || peer == null && !wanted) {
            return;
          }
          if (wanted) {
            byte[] data = Arrays.copyOfRange(error.packet(), Udp.HEADER, error.packet().length);
            SocketAddress to = new SocketAddress(shown(remote), port);
            report(new ErrorReport.FromNetwork(to, error, data));
          }
          if (wanted || error.kind().hard() || tooBig) {
            setPendingError(error);
          }
        });
  }
}
