package io.loomvisor.net.raw;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.udp.UdpOptions;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;

/** Makes packets of what is written to a raw or echo endpoint, whose mailbox owns this. */
final class RawSending {
  private static final int DISCOVER_DO = 2;
  private static final int MAX_LENGTH = 65_535;
  private static final int ICMP_CHECKSUM = 2;

  private final IpLayer ip;
  private final UdpOptions options;
  private final boolean v6;
  private final int protocol;

  /** IP_HDRINCL; always so for IPPROTO_RAW (raw(7)). */
  private boolean headerIncluded;

  /** Where IPv6 has the checksum; -1: the protocol has none that concerns us. */
  private int checksumOffset;

  RawSending(IpLayer ip, UdpOptions options, boolean v6, int protocol) {
    this.ip = ip;
    this.options = options;
    this.v6 = v6;
    this.protocol = protocol;
    headerIncluded = !v6 && protocol == IpProtocol.RAW;
    checksumOffset = v6 && protocol == IpProtocol.ICMPV6 ? ICMP_CHECKSUM : -1;
  }

  void includeHeader(boolean on) {
    headerIncluded = on;
  }

  boolean headerIncluded() {
    return headerIncluded;
  }

  /** Null if there is no way. */
  Path path(IpAddress to, IpAddress source) {
    boolean group = to.isMulticast();
    int multicast = group ? options.get(SocketOption.IP_MULTICAST_IF) : 0;
    return ip.path(
        to, source, multicast != 0 ? multicast : options.get(SocketOption.SO_BINDTOIFINDEX));
  }

  /** ping_v4_sendmsg: only echo requests, with the own identifier. */
  int echo(IpAddress to, IpAddress source, int id, byte[] a, int offset, int length) {
    if (length > MAX_LENGTH) {
      return -Errno.EMSGSIZE;
    }
    int request = v6 ? Icmp6.ECHO_REQUEST : Icmp4.ECHO_REQUEST;
    if (length < Icmp4.HEADER || Bytes.u8(a, offset) != request || a[offset + 1] != 0) {
      return -Errno.EINVAL;
    }
    Path path = path(to, source);
    int r = refused(path);
    if (r < 0) {
      return r;
    }
    PacketBuffer p = packet(path, to, a, offset, length);
    Bytes.put16(p.array(), p.start() + 4, id);
    sum(p, length, path.source(), to);
    return send(path, p, length);
  }

  int raw(IpAddress to, IpAddress source, byte[] a, int offset, int length) {
    if (length > MAX_LENGTH) {
      return -Errno.EMSGSIZE;
    }
    Path path = path(to, source);
    int r = refused(path);
    if (r < 0) {
      return r;
    }
    if (headerIncluded) {
      return whole(path, a, offset, length);
    }
    PacketBuffer p = packet(path, to, a, offset, length);
    if (checksumOffset >= 0) {
      if (checksumOffset >= length - 1) {
        p.release();
        return -Errno.EINVAL;
      }
      sum(p, length, path.source(), to);
    }
    return send(path, p, length);
  }

  private int refused(Path path) {
    if (path == null) {
      return -Errno.ENETUNREACH;
    }
    boolean forbidden = path.broadcast() && options.get(SocketOption.SO_BROADCAST) == 0;
    return forbidden ? -Errno.EACCES : 0;
  }

  private void sum(PacketBuffer p, int length, IpAddress from, IpAddress to) {
    byte[] b = p.array();
    int at = p.start();
    int field = at + (v6 ? checksumOffset : ICMP_CHECKSUM);
    Bytes.put16(b, field, 0);
    long pseudo = v6 ? Checksum.pseudo(from, to, protocol, length) : 0;
    int sum = Checksum.finish(Checksum.add(pseudo, b, at, length));
    Bytes.put16(b, field, sum == 0 && protocol == IpProtocol.UDP ? 0xffff : sum);
  }

  /**
   * IPV6_CHECKSUM (RFC 3542 section 3.1): where in what is sent the checksum is put, and is looked
   * at in what comes; negative: nowhere. 0 or -EINVAL.
   */
  int checksum(int offset) {
    if (offset > 0 && (offset & 1) != 0) {
      return -Errno.EINVAL;
    }
    checksumOffset = Math.max(offset, -1);
    return 0;
  }

  int checksum() {
    return checksumOffset;
  }

  /** False if it has a checksum that was asked for, and is wrong (rawv6_rcv). */
  boolean checksumHolds(PacketBuffer p) {
    // Between endpoints of this host those of TCP and UDP may not have been computed.
    boolean partial =
        p.checksumTrusted && (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP);
    if (!v6 || checksumOffset < 0 || partial || p.checksumStart != 0) {
      return true;
    }
    FlowKey f = p.flow;
    long pseudo = Checksum.pseudo(f.remote(), f.local(), protocol, p.length());
    return Checksum.valid(Checksum.add(pseudo, p.array(), p.start(), p.length()));
  }

  private PacketBuffer packet(Path path, IpAddress to, byte[] a, int offset, int length) {
    PacketBuffer p = ip.pool().acquire(length);
    p.append(a, offset, length);
    p.flow.set(new FlowKey(path.source(), 0, to, 0));
    p.protocol = protocol;
    boolean group = to.isMulticast();
    SocketOption hops = v6 ? SocketOption.IPV6_UNICAST_HOPS : SocketOption.IP_TTL;
    p.ttl = options.get(group ? SocketOption.IP_MULTICAST_TTL : hops);
    p.tos = options.get(v6 ? SocketOption.IPV6_TCLASS : SocketOption.IP_TOS);
    return p;
  }

  private int send(Path path, PacketBuffer p, int length) {
    boolean whole = options.get(SocketOption.IP_MTU_DISCOVER) == DISCOVER_DO;
    return ip.send(path, p, whole) ? length : -Errno.EMSGSIZE;
  }

  /** raw(7): total length and checksum are filled in; source and identification if they are 0. */
  private int whole(Path path, byte[] a, int offset, int length) {
    if (length < Ipv4.MIN_HEADER) {
      return -Errno.EINVAL;
    }
    if (length > path.mtu()) {
      return -Errno.EMSGSIZE;
    }
    int header = Ipv4.headerLength(a, offset);
    if (header < Ipv4.MIN_HEADER || header > length) {
      return -Errno.EINVAL;
    }
    PacketBuffer p = ip.pool().acquire(length);
    int at = p.start();
    p.append(a, offset, length);
    byte[] b = p.array();
    Bytes.put16(b, at + 2, length);
    if (Ipv4.source(b, at) == 0) {
      Bytes.put32(b, at + 12, path.source().intValue());
    }
    Ipv4.writeChecksum(b, at);
    ip.sendWhole(path, p);
    return length;
  }
}
