package io.loomvisor.net.udp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import io.loomvisor.net.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Makes datagrams, whole or in parts (UDP_CORK, MSG_MORE), and loops groups back. */
final class UdpSending {
  private static final int DISCOVER_DO = 2;

  /** Linux's UDP_MAX_SEGMENTS. */
  private static final int MAX_SEGMENTS = 128;

  private final IpLayer ip;
  private final UdpLayer layer;
  private final UdpOptions options;

  /** A datagram being put together, and where it goes; null: none. */
  private byte[] corked;

  private int corkedLength;
  private IpAddress corkedTo;
  private int corkedPort;
  private IpAddress corkedSource;
  private int corkedOwnPort;
  private int corkedSegment;

  /** Of the next datagram that is begun. */
  private int segment;

  UdpSending(IpLayer ip, UdpLayer layer, UdpOptions options) {
    this.ip = ip;
    this.layer = layer;
    this.options = options;
  }

  /** Linux: the unspecified address means this host; IPv4-mapped ones are IPv4. */
  static IpAddress destination(IpAddress a, IpAddress own) {
    IpAddress d = a.unmapped();
    boolean six = d.v6() && (own.v6() || own.isUnspecified());
    return !d.isUnspecified() ? d : six ? IpAddress.LOOPBACK6 : IpAddress.LOOPBACK4;
  }

  /** Bytes of each datagram of what is sent from now on, 0: it is one datagram. */
  void segment(int bytes) {
    segment = bytes;
  }

  /** Null if there is no way. */
  Path path(IpAddress to, IpAddress source) {
    boolean group = to.isMulticast();
    int nic = group && options.multicastNic != 0 ? options.multicastNic : options.nicId;
    IpAddress from = source != null && source.v6() == to.v6() ? source : null;
    return ip.path(to, from, nic);
  }

  int send(
      IpAddress to,
      int port,
      IpAddress source,
      int ownPort,
      MemorySegment data,
      long offset,
      int length,
      boolean more) {
    if (corkedLength + (long) length > Udp.MAX_PAYLOAD) {
      return -Errno.EMSGSIZE;
    }
    if (corked == null && !more && !options.cork) {
      return transmit(to, port, source, ownPort, data, offset, length, segment);
    }
    if (corked == null) {
      corked = new byte[Math.max(length, 1024)];
      corkedTo = to;
      corkedPort = port;
      corkedSource = source;
      corkedOwnPort = ownPort;
      corkedSegment = segment;
    }
    if (corkedLength + length > corked.length) {
      corked = Arrays.copyOf(corked, Math.max(2 * corked.length, corkedLength + length));
    }
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset, corked, corkedLength, length);
    corkedLength += length;
    if (!more && !options.cork) {
      int r = flush();
      return r < 0 ? r : length;
    }
    return length;
  }

  /** Sends what was put together. */
  int flush() {
    if (corked == null) {
      return 0;
    }
    MemorySegment all = MemorySegment.ofArray(corked);
    int n = corkedLength;
    corked = null;
    corkedLength = 0;
    return transmit(corkedTo, corkedPort, corkedSource, corkedOwnPort, all, 0, n, corkedSegment);
  }

  private int transmit(
      IpAddress to,
      int port,
      IpAddress source,
      int ownPort,
      MemorySegment data,
      long offset,
      int length,
      int size) {
    Path path = path(to, source);
    if (path == null) {
      return -Errno.ENETUNREACH;
    }
    if (path.broadcast() && !options.broadcast) {
      return -Errno.EACCES;
    }
    FlowKey flow = new FlowKey(path.source(), ownPort, to, port);
    if (size == 0 || length <= size) {
      return tooLong(path, to, size, length)
          ? -Errno.EMSGSIZE
          : transmit(path, flow, data, offset, length, 0);
    }
    if (tooLong(path, to, size, size)) {
      return -Errno.EMSGSIZE;
    }
    if (length > size * MAX_SEGMENTS) {
      return -Errno.EINVAL;
    }
    int unit = PacketBuffer.nextUnit();
    for (int done = 0; done < length; done += size) {
      int r = transmit(path, flow, data, offset + done, Math.min(size, length - done), unit);
      if (r < 0) {
        return r;
      }
    }
    return length;
  }

  /** udp_send_skb: what UDP_SEGMENT cuts is not cut once more by IP. */
  private static boolean tooLong(Path path, IpAddress to, int size, int length) {
    int headers = Udp.HEADER + (to.v6() ? Ipv6.HEADER : Ipv4.MIN_HEADER);
    return size > 0 && headers + length > path.mtu();
  }

  private int transmit(
      Path path, FlowKey flow, MemorySegment data, long offset, int length, int unit) {
    IpAddress to = flow.remote();
    int n = Udp.HEADER + length;
    boolean whole = options.mtuDiscover == DISCOVER_DO;
    PacketBuffer p = ip.pool().acquire(n);
    int at = p.append(Udp.HEADER);
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset, p.array(), p.append(length), length);
    p.flow.set(flow);
    p.protocol = IpProtocol.UDP;
    p.unit = unit;
    p.ttl = timeToLive(to);
    p.tos = to.v6() ? options.trafficClass : options.tos;
    Udp.write(p.array(), at, n, flow.localPort, flow.remotePort, UdpLayer.pseudo(p.flow, n));
    PacketBuffer echo = loop(path, to, p);
    if (!ip.send(path, p, whole)) {
      ip.mib().count(Counter.Udp_SndbufErrors);
      if (echo != null) {
        echo.release();
      }
      return -Errno.EMSGSIZE;
    }
    ip.mib().count(Counter.Udp_OutDatagrams);
    if (echo != null) {
      layer.deliver(echo);
    }
    return length;
  }

  private int timeToLive(IpAddress to) {
    if (to.isMulticast()) {
      return options.multicastTtl;
    }
    return Math.max(to.v6() ? options.hopLimit : options.ttl, 0);
  }

  /**
   * What is sent to a group (IP_MULTICAST_LOOP) or to all is for those who listen on this host as
   * well; on the loopback it comes back by itself. Null if nobody does.
   */
  private PacketBuffer loop(Path path, IpAddress to, PacketBuffer p) {
    boolean group = to.isMulticast() && options.multicastLoop;
    if (path.nic().isLoopback() || !group && !path.broadcast()) {
      return null;
    }
    FlowKey back = new FlowKey(to, p.flow.remotePort, path.source(), p.flow.localPort);
    if (!layer.isWanted(back, path.nic().id())) {
      return null;
    }
    PacketBuffer echo = p.copy();
    echo.flow.set(back);
    echo.nicId = path.nic().id();
    echo.checksumTrusted = true;
    return echo;
  }
}
