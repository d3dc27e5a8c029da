package io.loomvisor.net.raw;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.error.ErrorReport;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.socket.Truesize;
import io.loomvisor.net.udp.DatagramInfo;
import io.loomvisor.net.udp.MessageEndpoint;
import io.loomvisor.net.udp.UdpOptions;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import java.util.ArrayDeque;

/**
 * One raw or ICMP echo socket. Operations never wait; they return a count or 0, or a negative Linux
 * errno. Any thread may call them, except from inside a mailbox of the stack.
 */
public final class RawEndpoint extends MessageEndpoint {
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_RAW = 3;

  private final IpLayer ip;
  private final RawLayer layer;
  private final boolean v6;
  private final int protocol;
  private final boolean echo;
  private final UdpOptions options;
  private final RawSending sending;
  private final ArrayDeque<PacketBuffer> queue = new ArrayDeque<>();

  /** As Linux counts it, and what is really held. */
  private int queuedBytes;

  private int heldBytes;
  private int identifier;
  private int peerPort;

  /** SO_REUSEADDR, for those who would like the same identifier. */
  private volatile boolean shares = true;

  /** What {@link #offer} looks at from any thread; written inside the mailbox. */
  private volatile Selection selection;

  /**
   * Which packets are wanted.
   *
   * @param local unspecified: any
   * @param peer null: any
   * @param blocked ICMP types that are not (icmp(7): ICMP_FILTER), one bit each, lowest first
   */
  private record Selection(IpAddress local, IpAddress peer, int nicId, byte[] blocked) {
    boolean blocks(int type) {
      return type >>> 3 < blocked.length && (blocked[type >>> 3] >>> (type & 7) & 1) != 0;
    }
  }

  RawEndpoint(IpLayer ip, RawLayer layer, boolean v6, int protocol, boolean echo) {
    this.ip = ip;
    this.layer = layer;
    this.v6 = v6;
    this.protocol = protocol;
    this.echo = echo;
    options = new UdpOptions(ip, v6);
    // INET_PROTOSW_REUSE.
    options.set(SocketOption.SO_REUSEADDR, 1, false);
    sending = new RawSending(ip, options, v6, protocol);
    selection = new Selection(IpAddress.any(v6), null, 0, new byte[0]);
  }

  // Names

  /** bind(2); for an echo endpoint the port is the identifier of its requests. */
  @Override
  public int bind(IpAddress address, int port) {
    return ask(() -> doBind(address, port));
  }

  private int doBind(IpAddress address, int port) {
    if (closed()) {
      return -Errno.EBADF;
    }
    if (address.v6() != v6 || echo && identifier != 0) {
      return -Errno.EINVAL;
    }
    boolean usable =
        address.isUnspecified()
            || options.get(SocketOption.IP_FREEBIND) == 1
            || ip.isLocal(address)
            || !echo && (address.isMulticast() || ip.isBroadcast(address));
    if (!usable) {
      return -Errno.EADDRNOTAVAIL;
    }
    if (echo) {
      int r = layer.take(this, v6, port);
      if (r < 0) {
        return r;
      }
      identifier = r;
    }
    Selection s = selection;
    selection = new Selection(address, s.peer, s.nicId, s.blocked);
    return 0;
  }

  @Override
  public int connect(IpAddress address, int port) {
    return ask(
        () -> {
          if (closed()) {
            return -Errno.EBADF;
          }
          if (address.v6() != v6) {
            return -Errno.EAFNOSUPPORT;
          }
          Selection s = selection;
          IpAddress to = address.isUnspecified() ? loopback() : address;
          Path path = sending.path(to, s.local.isUnspecified() ? null : s.local);
          if (path == null) {
            return -Errno.ENETUNREACH;
          }
          if (path.broadcast() && options.get(SocketOption.SO_BROADCAST) == 0) {
            return -Errno.EACCES;
          }
          int r = echo && identifier == 0 ? autobind() : 0;
          if (r == 0) {
            selection = new Selection(path.source(), to, s.nicId, s.blocked);
            peerPort = port;
          }
          return r;
        });
  }

  private IpAddress loopback() {
    return v6 ? IpAddress.LOOPBACK6 : IpAddress.LOOPBACK4;
  }

  boolean shares() {
    return shares;
  }

  private int autobind() {
    int r = layer.take(this, v6, 0);
    identifier = Math.max(r, 0);
    return r < 0 ? -Errno.EAGAIN : 0;
  }

  /** connect(2) with AF_UNSPEC. */
  @Override
  public int disconnect() {
    return ask(
        () -> {
          Selection s = selection;
          selection = new Selection(IpAddress.any(v6), null, s.nicId, s.blocked);
          return 0;
        });
  }

  /** getsockname(2); a raw socket's port is its protocol. */
  @Override
  public SocketAddress localAddress() {
    return ask(() -> new SocketAddress(selection.local, echo ? identifier : v6 ? 0 : protocol));
  }

  /** getpeername(2), or null (ENOTCONN). */
  @Override
  public SocketAddress peerAddress() {
    return ask(() -> selection.peer == null ? null : new SocketAddress(selection.peer, peerPort));
  }

  // Sending

  /** sendto(2); {@code to} null: to the peer. */
  public int send(IpAddress to, byte[] a, int offset, int length) {
    return ask(() -> doSend(to, a, offset, length));
  }

  private int doSend(IpAddress to, byte[] a, int offset, int length) {
    int refusal = sendRefusal();
    if (refusal < 0) {
      return refusal;
    }
    Selection s = selection;
    IpAddress target = to == null ? s.peer : to;
    if (target == null) {
      return -Errno.EDESTADDRREQ;
    }
    if (target.v6() != v6) {
      return -Errno.EINVAL;
    }
    if (target.isUnspecified()) {
      target = loopback();
    }
    IpAddress source = s.local.isUnspecified() || s.local.isMulticast() ? null : s.local;
    int r = echo && identifier == 0 ? autobind() : 0;
    if (r < 0) {
      return r;
    }
    int sent =
        echo
            ? sending.echo(target, source, identifier, a, offset, length)
            : sending.raw(target, source, a, offset, length);
    if (sent == -Errno.EMSGSIZE && options.get(SocketOption.IP_RECVERR) == 1) {
      Path path = sending.path(target, source);
      report(new ErrorReport.Local(new SocketAddress(target, 0), -sent, path.shownMtu()));
    }
    return sent;
  }

  // Receiving

  /** True if this endpoint takes a copy of {@code p}, which starts behind its IP headers. */
  boolean offer(PacketBuffer p) {
    Selection s = selection;
    boolean mine =
        (s.local.isUnspecified() || s.local.equals(p.flow.local()))
            && (s.peer == null || s.peer.equals(p.flow.remote()))
            && (s.nicId == 0 || s.nicId == p.nicId);
    if (!mine) {
      return false;
    }
    boolean icmp = protocol == (v6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP);
    if (icmp && p.length() > 0 && s.blocks(Bytes.u8(p.array(), p.start()))) {
      return true;
    }
    if (admit()) {
      tell(copy(p));
    }
    return true;
  }

  /** raw(7): over IPv4 with the IP header. */
  private PacketBuffer copy(PacketBuffer p) {
    if (v6 || echo) {
      return p.copy();
    }
    int header = p.start() - p.networkOffset;
    p.prepend(header);
    PacketBuffer c = p.copy();
    p.trimFront(header);
    return c;
  }

  @Override
  public void onPacket(PacketBuffer p) {
    admitted();
    if (!sending.checksumHolds(p) || !wanted(p, 1)) {
      countDrop();
      p.release();
      return;
    }
    int size = charge(p);
    boolean fits = queue.isEmpty() || queuedBytes + size <= options.get(SocketOption.SO_RCVBUF);
    if (closed() || readShut() || !fits) {
      countDrop();
      p.release();
      return;
    }
    p.arrival = arrivalTime();
    queuedBytes += size;
    // As in UDP's queue: what lies about does so in arrays of its size.
    PacketBuffer kept =
        heldBytes + p.array().length > options.get(SocketOption.SO_RCVBUF) ? p.fitted() : p;
    heldBytes += kept.array().length;
    queue.add(kept);
    event(Readiness.IN);
  }

  private int charge(PacketBuffer p) {
    int header = v6 ? Ipv6.HEADER : echo ? Ipv4.MIN_HEADER : 0;
    return Truesize.of(p.length() + header, header, v6);
  }

  @Override
  public int queuedBytes() {
    return ask(() -> queuedBytes);
  }

  /**
   * raw_err, ping_err: an error about a packet that may have been sent here. Without IP_RECVERR
   * only those hear of it that have a peer.
   */
  void fail(IpAddress remote, IcmpError error) {
    tell(
        () -> {
          boolean wanted = options.get(SocketOption.IP_RECVERR) == 1;
          if (closed() || !wanted && selection.peer == null) {
            return;
          }
          if (wanted) {
            SocketAddress to = new SocketAddress(remote, 0);
            report(new ErrorReport.FromNetwork(to, error, error.packet()));
          }
          boolean tooBig = error.kind() == IcmpError.Kind.TOO_BIG;
          boolean hard =
              tooBig ? options.get(SocketOption.IP_MTU_DISCOVER) != 0 : error.kind().hard();
          if (wanted || hard) {
            setPendingError(error);
          }
        });
  }

  /** Whether an error about a packet from {@code own} to {@code remote} is this one's. */
  boolean concerns(IpAddress own, IpAddress remote) {
    Selection s = selection;
    return (s.local.isUnspecified() || s.local.equals(own))
        && (s.peer == null || s.peer.equals(remote));
  }

  /** recvfrom(2): bytes copied, or a negative errno; {@code info} has the whole length. */
  @Override
  public int receive(byte[] a, int offset, int length, boolean peek, DatagramInfo info) {
    return ask(
        () -> {
          int error = takePendingError();
          if (error != 0) {
            return -error;
          }
          PacketBuffer p = peek ? queue.peek() : queue.poll();
          if (p == null) {
            return -Errno.EAGAIN;
          }
          int n = Math.min(p.length(), length);
          System.arraycopy(p.array(), p.start(), a, offset, n);
          info.source = p.flow.remote();
          info.sourcePort = 0;
          info.destination = p.flow.local();
          info.nicId = p.nicId;
          info.ttl = p.ttl;
          info.tos = p.tos;
          info.time = p.arrival;
          info.length = p.length();
          if (!peek) {
            queuedBytes -= charge(p);
            heldBytes -= p.array().length;
            p.release();
          }
          return n;
        });
  }

  /** SIOCINQ: length of the next packet, or 0. */
  @Override
  public int available() {
    return ask(() -> queue.isEmpty() ? 0 : queue.peek().length());
  }

  // Options

  /** setsockopt(2): 0 or a negative errno. */
  @Override
  public int setOption(SocketOption o, int value) {
    return ask(
        () -> {
          int r =
              isUdp(o)
                  ? -Errno.ENOPROTOOPT
                  : isZeroCopy(o) ? -Errno.EOPNOTSUPP : options.set(o, value, true);
          if (r == 0 && o == SocketOption.SO_REUSEADDR) {
            shares = value != 0;
          }
          if (r == 0 && o == SocketOption.SO_BINDTOIFINDEX) {
            Selection s = selection;
            selection = new Selection(s.local, s.peer, value, s.blocked);
          }
          return r;
        });
  }

  private static boolean isUdp(SocketOption o) {
    return o.level() == IpProtocol.UDP;
  }

  /** sk_setsockopt: of UDP and TCP only; reading it is allowed. */
  private static boolean isZeroCopy(SocketOption o) {
    return o == SocketOption.SO_ZEROCOPY;
  }

  /** getsockopt(2): the value, or a negative errno. */
  @Override
  public int getOption(SocketOption o) {
    return ask(
        () ->
            switch (o) {
              case SO_ERROR -> takePendingError();
              case SO_TYPE -> echo ? SOCK_DGRAM : SOCK_RAW;
              case SO_PROTOCOL -> protocol;
              case UDP_CORK, UDP_SEGMENT, UDP_GRO -> -Errno.ENOPROTOOPT;
              case IP_MTU, IPV6_MTU -> {
                Path path = selection.peer == null ? null : sending.path(selection.peer, null);
                yield path == null ? -Errno.ENOTCONN : path.mtu();
              }
              default -> options.get(o);
            });
  }

  /** ICMP_FILTER and ICMPV6_FILTER: a bit for each type that is not wanted, lowest first. */
  public void filter(byte[] blocked) {
    byte[] mine = blocked.clone();
    ask(
        () -> {
          Selection s = selection;
          selection = new Selection(s.local, s.peer, s.nicId, mine);
        });
  }

  public byte[] filter() {
    return selection.blocked.clone();
  }

  /** IP_HDRINCL: what is sent has its IP header; IPv4 only. */
  public void headerIncluded(boolean on) {
    ask(
        () -> {
          sending.includeHeader(on);
        });
  }

  public boolean headerIncluded() {
    return ask(sending::headerIncluded);
  }

  /** IPV6_CHECKSUM: see {@link RawSending#checksum}. */
  public int checksum(int offset) {
    return ask(() -> sending.checksum(offset));
  }

  /** Where the checksum is, or -1. */
  public int checksum() {
    return ask(() -> sending.checksum());
  }

  // Closing, readiness

  @Override
  public void close() {
    if (!echo) {
      layer.closed(this, v6, protocol);
    }
    ask(
        () -> {
          markClosed();
          if (identifier != 0) {
            layer.give(this, v6, identifier);
          }
          queue.forEach(PacketBuffer::release);
          queue.clear();
          queuedBytes = 0;
          heldBytes = 0;
        });
  }

  @Override
  protected boolean connected() {
    return selection.peer != null;
  }

  @Override
  protected boolean hasMessage() {
    return !queue.isEmpty();
  }
}
