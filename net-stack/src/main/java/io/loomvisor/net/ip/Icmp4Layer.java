package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import java.util.Arrays;

/**
 * ICMPv4: answers echo requests, reports errors, passes reported errors up (RFC 792, RFC 1122
 * section 3.2.2).
 */
final class Icmp4Layer {
  /** RFC 1812 section 4.3.2.3: as much of the datagram as fits into 576 bytes. */
  private static final int QUOTE = 548;

  private final IpLayer ip;
  private final Mib mib;

  /** Linux's icmp_msgs_per_sec and icmp_msgs_burst. */
  private final RateLimit limit;

  Icmp4Layer(IpLayer ip) {
    this.ip = ip;
    this.mib = ip.mib();
    this.limit = new RateLimit(ip.clock(), 1000, 50);
  }

  void receive(Nic nic, PacketBuffer p) {
    mib.count(Counter.Icmp_InMsgs);
    byte[] a = p.array();
    int at = p.start();
    if (!Icmp4.check(a, at, p.length())) {
      mib.count(p.length() < Icmp4.HEADER ? Counter.Icmp_InErrors : Counter.Icmp_InCsumErrors);
      p.release();
      return;
    }
    switch (Icmp4.type(a, at)) {
      case Icmp4.ECHO_REQUEST -> echo(nic, p);
      case Icmp4.ECHO_REPLY -> {
        mib.count(Counter.Icmp_InEchoReps);
        up(p);
      }
      case Icmp4.UNREACHABLE -> {
        mib.count(Counter.Icmp_InDestUnreachs);
        report(p);
      }
      case Icmp4.TIME_EXCEEDED -> {
        mib.count(Counter.Icmp_InTimeExcds);
        report(p);
      }
      case Icmp4.PARAMETER_PROBLEM -> {
        mib.count(Counter.Icmp_InParmProbs);
        report(p);
      }
      // Source quench is dead (RFC 6633), redirects are not followed.
      default -> p.release();
    }
  }

  private void up(PacketBuffer p) {
    Transport raw = ip.transport(IpProtocol.ICMP);
    if (raw == null) {
      p.release();
    } else {
      raw.receive(p);
    }
  }

  private void echo(Nic nic, PacketBuffer p) {
    mib.count(Counter.Icmp_InEchos);
    IpAddress asked = p.flow.local();
    IpAddress asker = p.flow.remote();
    // Linux's icmp_echo_ignore_broadcasts (RFC 1122 section 3.2.2.6 leaves it open).
    if (!ip.isLocal(asked)) {
      p.release();
      return;
    }
    Path path = ip.path(asker, asked, 0);
    if (path == null) {
      mib.count(Counter.Ip_OutNoRoutes);
      p.release();
      return;
    }
    byte[] a = p.array();
    int at = p.start();
    Icmp4.write(a, at, p.length(), Icmp4.ECHO_REPLY, 0, Icmp4.rest(a, at));
    p.ensureHeadroom(PacketBuffer.HEADROOM / 2);
    p.tracked = null;
    p.mark = 0;
    p.ttl = 0;
    p.protocol = IpProtocol.ICMP;
    p.segmentSize = 0;
    mib.count(Counter.Icmp_OutMsgs);
    mib.count(Counter.Icmp_OutEchoReps);
    ip.send(path, p, false);
  }

  /** Finds whose packet is quoted and tells its transport. */
  private void report(PacketBuffer p) {
    try {
      byte[] a = p.array();
      int at = p.start();
      int quoted = at + Icmp4.HEADER;
      int length = p.length() - Icmp4.HEADER;
      if (length < Ipv4.MIN_HEADER || Bytes.u8(a, quoted) >>> 4 != 4) {
        mib.count(Counter.Icmp_InErrors);
        return;
      }
      int header = Ipv4.headerLength(a, quoted);
      if (header < Ipv4.MIN_HEADER || length < header + 8 || Ipv4.fragmentOffset(a, quoted) != 0) {
        mib.count(Counter.Icmp_InErrors);
        return;
      }
      FlowKey flow = new FlowKey();
      flow.localLo = Ipv4.source(a, quoted) & 0xffff_ffffL;
      flow.remoteLo = Ipv4.destination(a, quoted) & 0xffff_ffffL;
      flow.localPort = Bytes.u16(a, quoted + header);
      flow.remotePort = Bytes.u16(a, quoted + header + 2);
      byte[] packet = Arrays.copyOfRange(a, quoted + header, p.end());
      IcmpError error = classify(a, at, p.flow.remote(), packet);
      if (error != null && ip.isLocal(flow)) {
        ip.failed(flow, Ipv4.protocol(a, quoted), Bytes.i32(packet, 4), error);
      }
    } finally {
      p.release();
    }
  }

  private static IcmpError classify(byte[] a, int at, IpAddress offender, byte[] packet) {
    int type = Icmp4.type(a, at);
    int code = Icmp4.code(a, at);
    IcmpError.Kind kind =
        switch (type) {
          case Icmp4.TIME_EXCEEDED -> IcmpError.Kind.TIME_EXCEEDED;
          case Icmp4.PARAMETER_PROBLEM -> IcmpError.Kind.PARAMETER_PROBLEM;
          default ->
              switch (code) {
                case 0, 6, 11 -> IcmpError.Kind.NET_UNREACHABLE;
                case 1, 7, 8, 12 -> IcmpError.Kind.HOST_UNREACHABLE;
                case 2 -> IcmpError.Kind.PROTOCOL_UNREACHABLE;
                case 3 -> IcmpError.Kind.PORT_UNREACHABLE;
                case 4 -> IcmpError.Kind.TOO_BIG;
                case 5 -> IcmpError.Kind.SOURCE_ROUTE_FAILED;
                case 9, 10, 13, 14, 15 -> IcmpError.Kind.PROHIBITED;
                default -> null;
              };
        };
    int mtu = kind == IcmpError.Kind.TOO_BIG ? Icmp4.mtu(a, at) : 0;
    return kind == null ? null : new IcmpError(kind, type, code, mtu, offender, packet);
  }

  void protocolUnreachable(Nic nic, PacketBuffer p) {
    error(nic, p, Icmp4.UNREACHABLE, Icmp4.PROTOCOL_UNREACHABLE, 0);
  }

  void portUnreachable(Nic nic, PacketBuffer p) {
    error(nic, p, Icmp4.UNREACHABLE, Icmp4.PORT_UNREACHABLE, 0);
  }

  /** For a packet of ours or one being forwarded, with its IP header at {@code networkOffset}. */
  void hostUnreachable(PacketBuffer p) {
    byte[] a = p.array();
    int at = p.networkOffset;
    IpAddress source = IpAddress.v4(Ipv4.source(a, at));
    // What is translated may be another's in truth; the filter knows where the error belongs.
    if (!ip.isLocal(source) || p.tracked != null) {
      Path back = ip.path(source, null, 0);
      if (back != null) {
        p.flow.localLo = Ipv4.destination(a, at) & 0xffff_ffffL;
        p.flow.remoteLo = Ipv4.source(a, at) & 0xffff_ffffL;
        error(back.nic(), p, Icmp4.UNREACHABLE, Icmp4.HOST_UNREACHABLE, 0);
      }
      return;
    }
    int header = Ipv4.headerLength(a, at);
    if (p.end() - at >= header + 8 && Ipv4.fragmentOffset(a, at) == 0) {
      FlowKey flow = new FlowKey();
      flow.localLo = source.lo();
      flow.remoteLo = Ipv4.destination(a, at) & 0xffff_ffffL;
      flow.localPort = Bytes.u16(a, at + header);
      flow.remotePort = Bytes.u16(a, at + header + 2);
      IcmpError.Kind kind = IcmpError.Kind.HOST_UNREACHABLE;
      int end = Math.min(p.end(), at + QUOTE);
      byte[] packet = Arrays.copyOfRange(a, at + header, end);
      ip.failed(
          flow,
          Ipv4.protocol(a, at),
          Bytes.i32(packet, 4),
          new IcmpError(kind, Icmp4.UNREACHABLE, 1, 0, source, packet));
    }
  }

  /**
   * Reports an error about {@code p} to its sender, unless RFC 1122 section 3.2.2 forbids it. Does
   * not release it.
   */
  void error(Nic nic, PacketBuffer p, int type, int code, int rest) {
    byte[] a = p.array();
    int at = p.networkOffset;
    IpAddress source = p.flow.remote();
    IpAddress destination = p.flow.local();
    int header = Ipv4.headerLength(a, at);
    boolean aboutError =
        Ipv4.protocol(a, at) == IpProtocol.ICMP
            && (p.end() <= at + header || Icmp4.isError(Bytes.u8(a, at + header)));
    if (p.linkMulticast
        || destination.isMulticast()
        || nic.isBroadcast(destination)
        || source.isUnspecified()
        || source.isMulticast()
        || source.isReserved4()
        || Ipv4.fragmentOffset(a, at) != 0
        || aboutError) {
      return;
    }
    Path path = ip.path(source, ip.isLocal(destination) ? destination : null, 0);
    if (path == null) {
      return;
    }
    if (!path.nic().isLoopback() && !limit.tryTake()) {
      mib.count(Counter.Icmp_OutRateLimitGlobal);
      return;
    }
    int quote = Math.min(QUOTE, p.end() - at);
    PacketBuffer e = ip.pool().acquire(Icmp4.HEADER + quote);
    int o = e.append(Icmp4.HEADER);
    e.append(a, at, quote);
    Icmp4.write(e.array(), o, e.length(), type, code, rest);
    e.flow.v6 = false;
    e.flow.localHi = 0;
    e.flow.remoteHi = 0;
    e.flow.localLo = path.source().lo();
    e.flow.remoteLo = source.lo();
    e.tracked = p.tracked == null ? null : p.tracked.answer(true);
    e.protocol = IpProtocol.ICMP;
    // RFC 1812 section 4.3.2.5: precedence 6.
    e.tos = 0xc0;
    mib.count(Counter.Icmp_OutMsgs);
    mib.count(
        type == Icmp4.UNREACHABLE
            ? Counter.Icmp_OutDestUnreachs
            : type == Icmp4.TIME_EXCEEDED ? Counter.Icmp_OutTimeExcds : Counter.Icmp_OutParmProbs);
    ip.send(path, e, false);
  }
}
