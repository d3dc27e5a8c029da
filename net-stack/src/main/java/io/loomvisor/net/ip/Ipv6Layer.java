package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv6;
import java.util.concurrent.ThreadLocalRandom;

/** IPv6 input, output, fragmentation and forwarding (RFC 8200). */
final class Ipv6Layer {
  private final IpLayer ip;
  private final Mib mib;
  private final Reassembler reassembler;

  /** For what a filter wants to see whole, whoever it is for. */
  private final Reassembler beforeFilter;

  Ipv6Layer(IpLayer ip) {
    this.ip = ip;
    this.mib = ip.mib();
    this.reassembler = new Reassembler(ip, true, this::local);
    this.beforeFilter = new Reassembler(ip, true, this::filtered);
  }

  void receive(Nic nic, PacketBuffer p) {
    mib.count(Counter.Ip6_InReceives);
    byte[] a = p.array();
    int at = p.start();
    if (!Ipv6.check(a, at, p.length())) {
      drop(p, Counter.Ip6_InHdrErrors);
      return;
    }
    p.truncate(Ipv6.HEADER + Ipv6.payloadLength(a, at));
    p.networkOffset = at;
    p.ttl = Ipv6.hopLimit(a, at);
    p.tos = Ipv6.trafficClass(a, at);
    p.flow.v6 = true;
    p.flow.remoteHi = Bytes.i64(a, at + 8);
    p.flow.remoteLo = Bytes.i64(a, at + 16);
    p.flow.localHi = Bytes.i64(a, at + 24);
    p.flow.localLo = Bytes.i64(a, at + 32);
    if (isMartian(nic, p.flow)) {
      drop(p, Counter.Ip6_InAddrErrors);
      return;
    }
    filtered(nic, p);
  }

  private void filtered(Nic nic, PacketBuffer p) {
    PacketFilter f = ip.filter();
    if (f == null) {
      route(nic, p);
      return;
    }
    byte[] a = p.array();
    int at = p.start();
    Ipv6.Extensions e = Ipv6.walk(a, at, p.end(), Ipv6.nextHeader(a, at), at + Ipv6.HEADER);
    boolean known = e.problem() == Ipv6.Extensions.NO_PROBLEM;
    if (known && e.next() == IpProtocol.FRAGMENT && f.wantsWhole(true)) {
      fragment(nic, p, e.position() - at, beforeFilter);
    } else {
      f.prerouting(nic, p);
    }
  }

  /** What becomes of a packet whose header has been looked at. */
  void route(Nic nic, PacketBuffer p) {
    boolean group = isGroup(p.flow.localHi);
    if (ip.isLocal(p.flow) || group && nic.isMember(p.flow.local())) {
      local(nic, p);
    } else if (ip.forwarding() && !p.linkMulticast && !group) {
      forward(nic, p, p.flow.remote(), p.flow.local());
    } else {
      drop(p, Counter.Ip6_InAddrErrors);
    }
  }

  /** RFC 4291 sections 2.5.2, 2.5.3 and 2.7; IPv4-mapped addresses are for the API only. */
  private static boolean isMartian(Nic nic, FlowKey f) {
    boolean unspecified = f.localHi == 0 && f.localLo == 0;
    boolean loopback = isLoopback(f.remoteHi, f.remoteLo) || isLoopback(f.localHi, f.localLo);
    return isGroup(f.remoteHi)
        || unspecified
        || isMapped(f.remoteHi, f.remoteLo)
        || isMapped(f.localHi, f.localLo)
        || !nic.isLoopback() && loopback;
  }

  private static boolean isGroup(long hi) {
    return hi >>> 56 == 0xff;
  }

  private static boolean isLoopback(long hi, long lo) {
    return hi == 0 && lo == 1;
  }

  private static boolean isMapped(long hi, long lo) {
    return hi == 0 && lo >>> 32 == 0xffff;
  }

  private void local(Nic nic, PacketBuffer p) {
    byte[] a = p.array();
    int at = p.networkOffset;
    Ipv6.Extensions e = Ipv6.walk(a, at, p.end(), Ipv6.nextHeader(a, at), at + Ipv6.HEADER);
    if (e.problem() != Ipv6.Extensions.NO_PROBLEM) {
      if (e.problem() >= 0 && !isSilent(p, e)) {
        ip.icmp6().error(nic, p, Icmp6.PARAMETER_PROBLEM, e.problem(), e.pointer());
      }
      drop(p, Counter.Ip6_InHdrErrors);
      return;
    }
    int header = e.position() - at;
    if (e.next() == IpProtocol.FRAGMENT) {
      fragment(nic, p, header, reassembler);
      return;
    }
    PacketFilter f = ip.filter();
    if (f != null && !f.input(nic, p)) {
      return;
    }
    if (e.next() == IpProtocol.NONE) {
      p.release();
      return;
    }
    p.trimFront(header);
    ip.deliver(nic, p, e.next());
  }

  private static boolean isSilent(PacketBuffer p, Ipv6.Extensions e) {
    return e.problem() == Icmp6.PARAM_OPTION
        && p.flow.local().isMulticast()
        && Ipv6.silentForGroups(Bytes.u8(p.array(), p.networkOffset + e.pointer()));
  }

  private void fragment(Nic nic, PacketBuffer p, int header, Reassembler by) {
    byte[] a = p.array();
    int at = p.start() + header;
    if (header + Ipv6.FRAGMENT_HEADER > p.length()) {
      drop(p, Counter.Ip6_InTruncatedPkts);
      return;
    }
    int word = Bytes.u16(a, at + 2);
    boolean more = (word & 1) != 0;
    int payload = p.length() - header - Ipv6.FRAGMENT_HEADER;
    if (more && payload % 8 != 0) {
      // RFC 8200 section 4.5: parameter problem, pointing at the payload length.
      ip.icmp6().error(nic, p, Icmp6.PARAMETER_PROBLEM, Icmp6.PARAM_HEADER_FIELD, 4);
      drop(p, Counter.Ip6_InHdrErrors);
      return;
    }
    int next = Bytes.u8(a, at);
    boolean first = (word & 0xfff8) == 0;
    if (first
        && more
        && !Ipv6.chainIsComplete(a, p.networkOffset, p.end(), next, at + Ipv6.FRAGMENT_HEADER)) {
      ip.icmp6().error(nic, p, Icmp6.PARAMETER_PROBLEM, Icmp6.PARAM_INCOMPLETE_CHAIN, 0);
      drop(p, Counter.Ip6_InHdrErrors);
      return;
    }
    by.add(nic, p, header + Ipv6.FRAGMENT_HEADER, word & 0xfff8, more, Bytes.i32(a, at + 4), next);
  }

  boolean send(Path path, PacketBuffer p, boolean dontFragment) {
    int payload = p.length();
    int total = payload + Ipv6.HEADER;
    boolean whole = total <= path.mtu() || p.segmentSize > 0;
    if (payload > 65_535 || !whole && dontFragment) {
      mib.count(Counter.Ip6_FragFails);
      p.release();
      return false;
    }
    mib.count(Counter.Ip6_OutRequests);
    PacketFilter f = ip.filter();
    if (!whole && f == null) {
      sendFragments(path, p);
      return true;
    }
    int at = p.prepend(Ipv6.HEADER);
    p.networkOffset = at;
    header(p, p, payload, p.protocol);
    if (f == null) {
      transmit(path, p);
    } else {
      f.output(path, p);
    }
    return true;
  }

  void emit(Path path, PacketBuffer p) {
    if (p.length() <= path.mtu() || p.segmentSize > 0) {
      transmit(path, p);
    } else {
      p.trimFront(Ipv6.HEADER);
      sendFragments(path, p);
    }
  }

  private static void header(PacketBuffer out, PacketBuffer facts, int payload, int next) {
    byte[] a = out.array();
    int at = out.start();
    Ipv6.writeFixed(a, at, payload, facts.tos, 0, next, facts.ttl == 0 ? 64 : facts.ttl);
    Bytes.put64(a, at + 8, facts.flow.localHi);
    Bytes.put64(a, at + 16, facts.flow.localLo);
    Bytes.put64(a, at + 24, facts.flow.remoteHi);
    Bytes.put64(a, at + 32, facts.flow.remoteLo);
  }

  /** RFC 8200 section 4.5: only the source fragments. */
  private void sendFragments(Path path, PacketBuffer p) {
    int room = path.mtu() - Ipv6.HEADER - Ipv6.FRAGMENT_HEADER & ~7;
    int id = ThreadLocalRandom.current().nextInt();
    int payload = p.length();
    for (int done = 0; done < payload; done += room) {
      int n = Math.min(room, payload - done);
      PacketBuffer f = ip.pool().acquire(Ipv6.HEADER + Ipv6.FRAGMENT_HEADER + n);
      int at = f.append(Ipv6.HEADER + Ipv6.FRAGMENT_HEADER);
      f.append(p.array(), p.start() + done, n);
      header(f, p, Ipv6.FRAGMENT_HEADER + n, IpProtocol.FRAGMENT);
      int h = at + Ipv6.HEADER;
      Bytes.put8(f.array(), h, p.protocol);
      Bytes.put8(f.array(), h + 1, 0);
      Bytes.put16(f.array(), h + 2, done | (done + n < payload ? 1 : 0));
      Bytes.put32(f.array(), h + 4, id);
      f.networkOffset = at;
      mib.count(Counter.Ip6_FragCreates);
      transmit(path, f);
    }
    mib.count(Counter.Ip6_FragOKs);
    p.release();
  }

  private void transmit(Path path, PacketBuffer p) {
    p.nextHop = path.nextHop();
    p.etherType = Ethernet.TYPE_IPV6;
    path.nic().transmit(p);
  }

  private void forward(Nic in, PacketBuffer p, IpAddress source, IpAddress destination) {
    byte[] a = p.array();
    int at = p.start();
    if (destination.isLinkLocal() || source.isLinkLocal() || source.isUnspecified()) {
      drop(p, Counter.Ip6_InAddrErrors);
      return;
    }
    if (p.ttl <= 1) {
      ip.icmp6().error(in, p, Icmp6.TIME_EXCEEDED, Icmp6.HOP_LIMIT_EXCEEDED, 0);
      drop(p, Counter.Ip6_InHdrErrors);
      return;
    }
    Path path = ip.path(destination, source, 0);
    if (path == null || path.nic().isLoopback()) {
      ip.icmp6().error(in, p, Icmp6.UNREACHABLE, Icmp6.NO_ROUTE, 0);
      drop(p, Counter.Ip6_OutNoRoutes);
      return;
    }
    int mtu = path.nic().mtu();
    boolean segments = p.segmentSize > 0 && path.nic().link().segmentationLimit() >= p.length();
    int largest = p.segmentSize == 0 ? p.length() : Segmentation.largest(p, Ipv6.HEADER);
    if (largest > mtu && (p.fragmentSize == 0 || p.fragmentSize > mtu)) {
      ip.icmp6().error(in, p, Icmp6.PACKET_TOO_BIG, 0, mtu);
      drop(p, Counter.Ip6_FragFails);
      return;
    }
    Bytes.put8(a, at + 7, p.ttl - 1);
    PacketFilter f = ip.filter();
    if (f != null && !f.forward(in, path, p)) {
      return;
    }
    mib.count(Counter.Ip6_OutForwDatagrams);
    if (p.segmentSize > 0 && !segments) {
      Segmentation.split(p, ip.pool(), Ipv6.HEADER, s -> transmit(path, s));
    } else if (largest > mtu) {
      fragmentAgain(path, p);
    } else {
      transmit(path, p);
    }
  }

  /** A datagram that came in fragments and was put together here leaves as it came. */
  private void fragmentAgain(Path path, PacketBuffer p) {
    byte[] a = p.array();
    int at = p.start();
    FlowKey f =
        new FlowKey(IpAddress.read(a, at + 8, true), 0, IpAddress.read(a, at + 24, true), 0);
    p.flow.set(f);
    p.ttl = Ipv6.hopLimit(a, at);
    p.protocol = Ipv6.nextHeader(a, at);
    p.trimFront(Ipv6.HEADER);
    sendFragments(path, p);
  }

  private void drop(PacketBuffer p, Counter why) {
    mib.count(why);
    p.release();
  }
}
