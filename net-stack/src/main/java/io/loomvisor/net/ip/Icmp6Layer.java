package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv6;
import java.util.Arrays;

/** ICMPv6: echo, errors both ways, and the way to neighbour discovery (RFC 4443). */
final class Icmp6Layer {
  /** RFC 4443 section 2.4 (c): as much as fits into the minimum MTU. */
  private static final int QUOTE = Ipv6.MIN_MTU - Ipv6.HEADER - Icmp6.HEADER;

  private final IpLayer ip;
  private final Mib mib;
  private final RateLimit limit;

  Icmp6Layer(IpLayer ip) {
    this.ip = ip;
    this.mib = ip.mib();
    this.limit = new RateLimit(ip.clock(), 1000, 50);
  }

  void receive(Nic nic, PacketBuffer p) {
    mib.count(Counter.Icmp6_InMsgs);
    byte[] a = p.array();
    int at = p.start();
    IpAddress source = p.flow.remote();
    if (!Icmp6.check(a, at, p.length(), source, p.flow.local())) {
      mib.count(p.length() < Icmp6.HEADER ? Counter.Icmp6_InErrors : Counter.Icmp6_InCsumErrors);
      p.release();
      return;
    }
    switch (Icmp6.type(a, at)) {
      case Icmp6.ECHO_REQUEST -> echo(nic, p);
      case Icmp6.ECHO_REPLY -> {
        mib.count(Counter.Icmp6_InEchoReplies);
        Transport raw = ip.transport(IpProtocol.ICMPV6);
        if (raw == null) {
          p.release();
        } else {
          raw.receive(p);
        }
      }
      case Icmp6.UNREACHABLE -> {
        mib.count(Counter.Icmp6_InDestUnreachs);
        report(p);
      }
      case Icmp6.PACKET_TOO_BIG -> {
        mib.count(Counter.Icmp6_InPktTooBigs);
        report(p);
      }
      case Icmp6.TIME_EXCEEDED -> {
        mib.count(Counter.Icmp6_InTimeExcds);
        report(p);
      }
      case Icmp6.PARAMETER_PROBLEM -> report(p);
      case Icmp6.NEIGHBOR_SOLICITATION,
          Icmp6.NEIGHBOR_ADVERTISEMENT,
          Icmp6.ROUTER_SOLICITATION,
          Icmp6.ROUTER_ADVERTISEMENT ->
          ip.ndp().receive(nic, p);
      case Icmp6.MLD_QUERY, Icmp6.MLD_REPORT -> ip.mld().receive(nic, p);
      default -> p.release();
    }
  }

  private void echo(Nic nic, PacketBuffer p) {
    mib.count(Counter.Icmp6_InEchos);
    IpAddress asked = p.flow.local();
    IpAddress asker = p.flow.remote();
    Path path =
        asker.isUnspecified()
            ? null
            : ip.path(asker, asked.isMulticast() ? null : asked, scope(nic, asker));
    if (path == null) {
      p.release();
      return;
    }
    byte[] a = p.array();
    int at = p.start();
    Icmp6.write(a, at, p.length(), Icmp6.ECHO_REPLY, 0, Icmp6.rest(a, at), path.source(), asker);
    p.ensureHeadroom(PacketBuffer.HEADROOM / 2);
    setLocal(p.flow, path.source());
    p.tracked = null;
    p.mark = 0;
    p.ttl = 0;
    p.protocol = IpProtocol.ICMPV6;
    mib.count(Counter.Icmp6_OutMsgs);
    mib.count(Counter.Icmp6_OutEchoReplies);
    ip.send(path, p, false);
  }

  private static int scope(Nic nic, IpAddress a) {
    return a.isLinkLocal() ? nic.id() : 0;
  }

  static void setLocal(FlowKey f, IpAddress a) {
    f.localHi = a.hi();
    f.localLo = a.lo();
  }

  private void report(PacketBuffer p) {
    try {
      byte[] a = p.array();
      int at = p.start();
      int quoted = at + Icmp6.HEADER;
      if (p.end() - quoted < Ipv6.HEADER || Bytes.u8(a, quoted) >>> 4 != 6) {
        mib.count(Counter.Icmp6_InErrors);
        return;
      }
      Ipv6.Extensions e =
          Ipv6.walk(a, quoted, p.end(), Ipv6.nextHeader(a, quoted), quoted + Ipv6.HEADER);
      int t = e.position();
      if (e.next() == IpProtocol.FRAGMENT
          && t + 8 <= p.end()
          && (Bytes.u16(a, t + 2) & 0xfff8) == 0) {
        e = new Ipv6.Extensions(t + 8, Bytes.u8(a, t), Ipv6.Extensions.NO_PROBLEM, 0);
        t += 8;
      }
      if (e.problem() != Ipv6.Extensions.NO_PROBLEM || t + 8 > p.end()) {
        mib.count(Counter.Icmp6_InErrors);
        return;
      }
      FlowKey flow =
          new FlowKey(
              IpAddress.read(a, quoted + 8, true), Bytes.u16(a, t),
              IpAddress.read(a, quoted + 24, true), Bytes.u16(a, t + 2));
      byte[] packet = Arrays.copyOfRange(a, t, p.end());
      IcmpError error = classify(a, at, p.flow.remote(), packet);
      if (error != null && ip.isLocal(flow)) {
        ip.failed(flow, e.next(), Bytes.i32(packet, 4), error);
      }
    } finally {
      p.release();
    }
  }

  private static IcmpError classify(byte[] a, int at, IpAddress offender, byte[] packet) {
    int type = Icmp6.type(a, at);
    int code = Icmp6.code(a, at);
    IcmpError.Kind kind =
        switch (type) {
          case Icmp6.PACKET_TOO_BIG -> IcmpError.Kind.TOO_BIG;
          case Icmp6.TIME_EXCEEDED -> IcmpError.Kind.TIME_EXCEEDED;
          case Icmp6.PARAMETER_PROBLEM ->
              code == Icmp6.PARAM_NEXT_HEADER
                  ? IcmpError.Kind.PROTOCOL_UNREACHABLE
                  : IcmpError.Kind.PARAMETER_PROBLEM;
          default ->
              switch (code) {
                case 0, 2 -> IcmpError.Kind.NET_UNREACHABLE;
                case 1, 5, 6 -> IcmpError.Kind.PROHIBITED;
                case 3 -> IcmpError.Kind.HOST_UNREACHABLE;
                case 4 -> IcmpError.Kind.PORT_UNREACHABLE;
                default -> null;
              };
        };
    if (kind == null) {
      return null;
    }
    long mtu = kind == IcmpError.Kind.TOO_BIG ? Icmp6.rest(a, at) & 0xffff_ffffL : 0;
    return new IcmpError(kind, type, code, (int) Math.min(mtu, 65_535), offender, packet);
  }

  void portUnreachable(Nic nic, PacketBuffer p) {
    error(nic, p, Icmp6.UNREACHABLE, Icmp6.PORT_UNREACHABLE, 0);
  }

  /** RFC 8200 section 4: points at the next-header field that was not recognised. */
  void unknownProtocol(Nic nic, PacketBuffer p) {
    byte[] a = p.array();
    int at = p.networkOffset;
    Ipv6.Extensions e = Ipv6.walk(a, at, p.end(), Ipv6.nextHeader(a, at), at + Ipv6.HEADER);
    error(nic, p, Icmp6.PARAMETER_PROBLEM, Icmp6.PARAM_NEXT_HEADER, e.pointer());
  }

  void hostUnreachable(PacketBuffer p) {
    byte[] a = p.array();
    int at = p.networkOffset;
    IpAddress source = IpAddress.read(a, at + 8, true);
    IpAddress destination = IpAddress.read(a, at + 24, true);
    if (!ip.isLocal(source) || p.tracked != null) {
      Path back = ip.path(source, null, 0);
      if (back != null) {
        p.flow.set(new FlowKey(destination, 0, source, 0));
        error(back.nic(), p, Icmp6.UNREACHABLE, Icmp6.ADDRESS_UNREACHABLE, 0);
      }
      return;
    }
    int o = at + Ipv6.HEADER;
    if (p.end() - o >= 8) {
      FlowKey flow = new FlowKey(source, Bytes.u16(a, o), destination, Bytes.u16(a, o + 2));
      IcmpError.Kind kind = IcmpError.Kind.HOST_UNREACHABLE;
      byte[] packet = Arrays.copyOfRange(a, o, Math.min(p.end(), at + QUOTE));
      ip.failed(
          flow,
          Ipv6.nextHeader(a, at),
          Bytes.i32(packet, 4),
          new IcmpError(kind, Icmp6.UNREACHABLE, 3, 0, source, packet));
    }
  }

  /**
   * Reports an error about {@code p}, unless RFC 4443 section 2.4 (e) forbids it. Does not release
   * it.
   */
  void error(Nic nic, PacketBuffer p, int type, int code, int rest) {
    byte[] a = p.array();
    int at = p.networkOffset;
    IpAddress source = p.flow.remote();
    IpAddress destination = p.flow.local();
    boolean groupAllowed =
        type == Icmp6.PACKET_TOO_BIG
            || type == Icmp6.PARAMETER_PROBLEM && code == Icmp6.PARAM_OPTION;
    Ipv6.Extensions e = Ipv6.walk(a, at, p.end(), Ipv6.nextHeader(a, at), at + Ipv6.HEADER);
    boolean aboutError =
        e.next() == IpProtocol.ICMPV6
            && (e.position() >= p.end() || Icmp6.isError(Bytes.u8(a, e.position())));
    if (source.isUnspecified()
        || source.isMulticast()
        || aboutError
        || (p.linkMulticast || destination.isMulticast()) && !groupAllowed) {
      return;
    }
    Path path = ip.path(source, ip.isLocal(destination) ? destination : null, scope(nic, source));
    if (path == null) {
      return;
    }
    if (!path.nic().isLoopback() && !limit.tryTake()) {
      mib.count(Counter.Icmp6_OutRateLimitHost);
      return;
    }
    int quote = Math.min(QUOTE, p.end() - at);
    PacketBuffer out = ip.pool().acquire(Icmp6.HEADER + quote);
    int o = out.append(Icmp6.HEADER);
    out.append(a, at, quote);
    Icmp6.write(out.array(), o, out.length(), type, code, rest, path.source(), source);
    out.flow.set(new FlowKey(path.source(), 0, source, 0));
    out.tracked = p.tracked == null ? null : p.tracked.answer(true);
    out.protocol = IpProtocol.ICMPV6;
    mib.count(Counter.Icmp6_OutMsgs);
    mib.count(
        switch (type) {
          case Icmp6.UNREACHABLE -> Counter.Icmp6_OutDestUnreachs;
          case Icmp6.PACKET_TOO_BIG -> Counter.Icmp6_OutPktTooBigs;
          case Icmp6.TIME_EXCEEDED -> Counter.Icmp6_OutTimeExcds;
          default -> Counter.Icmp6_OutParmProblems;
        });
    ip.send(path, out, false);
  }
}
