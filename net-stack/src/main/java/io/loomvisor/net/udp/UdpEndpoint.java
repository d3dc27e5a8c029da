package io.loomvisor.net.udp;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketHandler;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Udp;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * One UDP socket. Operations never wait; {@link #onReadable} is called, outside the mailbox, when a
 * datagram is queued.
 */
public final class UdpEndpoint extends Mailbox implements PacketHandler {
  static final int EBADF = 9;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int EINVAL = 22;
  static final int EMSGSIZE = 90;
  static final int EADDRINUSE = 98;
  static final int EADDRNOTAVAIL = 99;
  static final int ENETUNREACH = 101;

  /** Linux's net.core.rmem_default; counts buffers, not payload. */
  private static final int RECEIVE_LIMIT = 212_992;

  private final IpLayer ip;
  private final UdpLayer layer;
  private final boolean v6;
  private final ArrayDeque<PacketBuffer> queue = new ArrayDeque<>();
  private int queuedBytes;
  private IpAddress local;
  private IpAddress peer;
  private int localPort;
  private int peerPort;
  private int pendingError;
  private boolean closed;
  private Runnable readable = () -> {};

  UdpEndpoint(IpLayer ip, UdpLayer layer, boolean v6) {
    this.ip = ip;
    this.layer = layer;
    this.v6 = v6;
    this.local = IpAddress.any(v6);
  }

  /** One datagram and who sent it. */
  public record Datagram(IpAddress source, int port, byte[] data) {}

  public void onReadable(Runnable callback) {
    ask(() -> readable = callback);
  }

  /** 0 or a negative errno (bind(2)). */
  public int bind(IpAddress address, int port) {
    return ask(() -> doBind(address, port));
  }

  private int doBind(IpAddress address, int port) {
    if (closed) {
      return -EBADF;
    }
    if (localPort != 0 || address.v6() != v6 || port < 0 || port > 65_535) {
      return -EINVAL;
    }
    boolean usable = address.isUnspecified() || address.isMulticast() || ip.isLocal(address);
    if (!usable) {
      return -EADDRNOTAVAIL;
    }
    int r = layer.take(this, v6, port);
    if (r < 0) {
      return r;
    }
    local = address;
    localPort = r;
    return 0;
  }

  /** From now on sends to, and takes from, one peer only. 0 or a negative errno. */
  public int connect(IpAddress address, int port) {
    return ask(
        () -> {
          int r = address.v6() != v6 ? -EINVAL : localPort == 0 ? doBind(IpAddress.any(v6), 0) : 0;
          if (r == 0) {
            peer = address;
            peerPort = port;
          }
          return r;
        });
  }

  public int localPort() {
    return ask(() -> localPort);
  }

  /** Bytes sent or a negative errno. */
  public int send(IpAddress to, int port, byte[] data) {
    return ask(() -> doSend(to, port, data));
  }

  private int doSend(IpAddress to, int port, byte[] data) {
    if (to.v6() != v6 || port <= 0 || port > 65_535) {
      return -EINVAL;
    }
    int bound = localPort == 0 ? doBind(IpAddress.any(v6), 0) : closed ? -EBADF : 0;
    if (bound < 0) {
      return bound;
    }
    if (data.length > Udp.MAX_PAYLOAD) {
      return -EMSGSIZE;
    }
    boolean fixed = !local.isUnspecified() && !local.isMulticast();
    Path path = ip.path(to, fixed ? local : null, 0);
    if (path == null) {
      return -ENETUNREACH;
    }
    if (path.broadcast()) {
      return -EACCES;
    }
    int n = Udp.HEADER + data.length;
    PacketBuffer p = ip.pool().acquire(n);
    int at = p.append(Udp.HEADER);
    p.append(data, 0, data.length);
    p.flow.set(new FlowKey(path.source(), localPort, to, port));
    p.protocol = IpProtocol.UDP;
    Udp.write(p.array(), at, n, localPort, port, UdpLayer.pseudo(p.flow, n));
    ip.mib().count(Counter.Udp_OutDatagrams);
    return ip.send(path, p, false) ? data.length : -EMSGSIZE;
  }

  /** The next datagram, or null if there is none; see {@link #takeError}. */
  public Datagram receive() {
    return ask(
        () -> {
          PacketBuffer p = queue.poll();
          if (p == null) {
            return null;
          }
          queuedBytes -= p.array().length;
          byte[] data = Arrays.copyOfRange(p.array(), p.start() + Udp.HEADER, p.end());
          Datagram d = new Datagram(p.flow.remote(), p.flow.remotePort, data);
          p.release();
          return d;
        });
  }

  /** SO_ERROR: the pending errno, which is cleared, or 0. */
  public int takeError() {
    return ask(
        () -> {
          int e = pendingError;
          pendingError = 0;
          return e;
        });
  }

  public void close() {
    ask(
        () -> {
          closed = true;
          layer.give(this, v6, localPort);
          queue.forEach(PacketBuffer::release);
          queue.clear();
        });
  }

  void arrive(PacketBuffer p) {
    tell(p);
  }

  @Override
  public void onPacket(PacketBuffer p) {
    boolean forUs = local.isUnspecified() || p.flow.local().equals(local);
    boolean fromPeer =
        peer == null || p.flow.remote().equals(peer) && p.flow.remotePort == peerPort;
    if (closed || !forUs || !fromPeer) {
      ip.mib().count(Counter.Udp_NoPorts);
      p.release();
      return;
    }
    if (queuedBytes + p.array().length > RECEIVE_LIMIT) {
      ip.mib().count(Counter.Udp_RcvbufErrors);
      p.release();
      return;
    }
    ip.mib().count(Counter.Udp_InDatagrams);
    queuedBytes += p.array().length;
    queue.add(p);
    callOut(readable);
  }

  /** Only a connected socket hears of errors (RFC 1122 section 4.1.3.3, udp(7)). */
  void fail(IpAddress remote, int port, IcmpError error) {
    tell(
        () -> {
          if (remote.equals(peer) && port == peerPort && error.kind().hard()) {
            pendingError = error.kind().errno();
            callOut(readable);
          }
        });
  }
}
