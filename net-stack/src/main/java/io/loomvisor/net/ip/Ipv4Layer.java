package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.Ipv4;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * IPv4 input, output, fragmentation and forwarding (RFC 791, RFC 1122 section 3, RFC 1812 section
 * 5).
 */
final class Ipv4Layer {
  private static final int HEADER = Ipv4.MIN_HEADER;
  private static final int ROUTER_ALERT = 0x9404_0000;

  private final IpLayer ip;
  private final Mib mib;
  private final Reassembler reassembler;

  /** For what a filter wants to see whole, whoever it is for. */
  private final Reassembler beforeFilter;

  /** Identification of packets that may be fragmented; starts anywhere. */
  private final AtomicInteger nextId = new AtomicInteger(ThreadLocalRandom.current().nextInt());

  Ipv4Layer(IpLayer ip) {
    this.ip = ip;
    this.mib = ip.mib();
    this.reassembler = new Reassembler(ip, false, this::deliver);
    this.beforeFilter = new Reassembler(ip, false, this::filtered);
  }

  void receive(Nic nic, PacketBuffer p) {
    mib.count(Counter.Ip_InReceives);
    byte[] a = p.array();
    int at = p.start();
    if (!Ipv4.check(a, at, p.length())
        || !nic.link().checksumFree() && !Ipv4.checksumValid(a, at)) {
      drop(p, Counter.Ip_InHdrErrors);
      return;
    }
    p.truncate(Ipv4.totalLength(a, at));
    Ipv4.Options options = Ipv4.options(a, at);
    if (options == Ipv4.Options.SOURCE_ROUTE) {
      drop(p, Counter.Ip_InHdrErrors);
      return;
    }
    p.networkOffset = at;
    p.ttl = Ipv4.ttl(a, at);
    p.tos = Ipv4.tos(a, at);
    p.flow.v6 = false;
    p.flow.localHi = 0;
    p.flow.remoteHi = 0;
    p.flow.localLo = Ipv4.destination(a, at) & 0xffff_ffffL;
    p.flow.remoteLo = Ipv4.source(a, at) & 0xffff_ffffL;
    int source = Ipv4.source(a, at);
    int destination = Ipv4.destination(a, at);
    // RFC 1122 section 3.2.1.3: no group or broadcast sends, and nothing from 127/8 comes in by a
    // wire.
    boolean martian =
        isGroup(source)
            || nic.isBroadcast4(source)
            || !nic.isLoopback() && (source >>> 24 == 127 || destination >>> 24 == 127);
    if (martian) {
      drop(p, Counter.Ip_InAddrErrors);
      return;
    }
    if (options == Ipv4.Options.MALFORMED) {
      // RFC 1122 section 3.2.2.5: the pointer is in the first octet.
      int pointer = Ipv4.malformedOption(a, at) << 24;
      ip.icmp4().error(nic, p, Icmp4.PARAMETER_PROBLEM, 0, pointer);
      drop(p, Counter.Ip_InHdrErrors);
    } else {
      filtered(nic, p);
    }
  }

  private void filtered(Nic nic, PacketBuffer p) {
    PacketFilter f = ip.filter();
    if (f == null) {
      route(nic, p);
    } else if (Ipv4.isFragment(p.array(), p.start()) && f.wantsWhole(false)) {
      reassemble(beforeFilter, nic, p);
    } else {
      f.prerouting(nic, p);
    }
  }

  /** What becomes of a packet whose header has been looked at. */
  void route(Nic nic, PacketBuffer p) {
    int destination = (int) p.flow.localLo;
    if (accepts(nic, p, destination)) {
      local(nic, p);
    } else if (ip.forwarding() && !p.linkMulticast && !isGroup(destination)) {
      forward(nic, p, p.flow.remote(), p.flow.local());
    } else {
      drop(p, Counter.Ip_InAddrErrors);
    }
  }

  private boolean accepts(Nic nic, PacketBuffer p, int destination) {
    return ip.isLocal(p.flow)
        || nic.isBroadcast4(destination)
        || isGroup(destination) && nic.isMember(p.flow.local());
  }

  private static boolean isGroup(int address) {
    return address >>> 28 == 0xe;
  }

  private void local(Nic nic, PacketBuffer p) {
    if (Ipv4.isFragment(p.array(), p.start())) {
      reassemble(reassembler, nic, p);
    } else {
      deliver(nic, p);
    }
  }

  private void reassemble(Reassembler by, Nic nic, PacketBuffer p) {
    byte[] a = p.array();
    int at = p.start();
    int header = Ipv4.headerLength(a, at);
    boolean more = (Ipv4.flagsAndOffset(a, at) & Ipv4.MORE_FRAGMENTS) != 0;
    int id = Ipv4.identification(a, at);
    by.add(nic, p, header, Ipv4.fragmentOffset(a, at), more, id, Ipv4.protocol(a, at));
  }

  private void deliver(Nic nic, PacketBuffer p) {
    PacketFilter f = ip.filter();
    if (f != null && !f.input(nic, p)) {
      return;
    }
    byte[] a = p.array();
    int at = p.start();
    p.trimFront(Ipv4.headerLength(a, at));
    ip.deliver(nic, p, Ipv4.protocol(a, at));
  }

  boolean send(Path path, PacketBuffer p, boolean dontFragment) {
    int total = p.length() + HEADER;
    if (total > 65_535 || total > path.mtu() && dontFragment && p.segmentSize == 0) {
      mib.count(Counter.Ip_FragFails);
      p.release();
      return false;
    }
    mib.count(Counter.Ip_OutRequests);
    int at = p.prepend(HEADER);
    p.networkOffset = at;
    // RFC 6864 section 4.1: the identification of an atomic datagram means nothing.
    int id = dontFragment ? 0 : nextId.incrementAndGet() & 0xffff;
    int flags = dontFragment ? Ipv4.DONT_FRAGMENT : 0;
    int ttl = p.ttl == 0 ? 64 : p.ttl;
    Ipv4.write(
        p.array(),
        at,
        total,
        p.tos,
        id,
        flags,
        ttl,
        p.protocol,
        (int) p.flow.localLo,
        (int) p.flow.remoteLo);
    leave(path, p);
    return true;
  }

  private void leave(Path path, PacketBuffer p) {
    PacketFilter f = ip.filter();
    if (f == null) {
      emit(path, p);
    } else {
      f.output(path, p);
    }
  }

  void emit(Path path, PacketBuffer p) {
    if (p.length() <= path.mtu() || p.segmentSize > 0) {
      transmit(path, p);
    } else if ((Ipv4.flagsAndOffset(p.array(), p.start()) & Ipv4.DONT_FRAGMENT) != 0) {
      // Only where a filter has sent it another way than the one it was made for.
      drop(p, Counter.Ip_FragFails);
    } else {
      fragment(path, p);
    }
  }

  /** A packet with its header; an identification of 0 is chosen here. */
  void sendWhole(Path path, PacketBuffer p) {
    mib.count(Counter.Ip_OutRequests);
    byte[] a = p.array();
    int at = p.start();
    if (Ipv4.identification(a, at) == 0) {
      Bytes.put16(a, at + 4, nextId.incrementAndGet() & 0xffff);
      Ipv4.writeChecksum(a, at);
    }
    p.networkOffset = at;
    leave(path, p);
  }

  /** Sends a small packet that routers are to look at (RFC 2113); its facts are set. */
  void sendWithRouterAlert(Path path, PacketBuffer p) {
    mib.count(Counter.Ip_OutRequests);
    int at = p.prepend(HEADER + 4);
    p.networkOffset = at;
    byte[] a = p.array();
    int flags = Ipv4.DONT_FRAGMENT;
    int source = (int) p.flow.localLo;
    int destination = (int) p.flow.remoteLo;
    Ipv4.write(a, at, p.length(), p.tos, 0, flags, p.ttl, p.protocol, source, destination);
    Bytes.put8(a, at, 0x46);
    Bytes.put32(a, at + HEADER, ROUTER_ALERT);
    Ipv4.writeChecksum(a, at);
    leave(path, p);
  }

  private void transmit(Path path, PacketBuffer p) {
    p.nextHop = path.nextHop();
    p.etherType = Ethernet.TYPE_IPV4;
    path.nic().transmit(p);
  }

  /** Splits a packet with its header in front (RFC 791 section 3.2) and releases it. */
  private void fragment(Path path, PacketBuffer p) {
    byte[] a = p.array();
    int at = p.start();
    int header = Ipv4.headerLength(a, at);
    int payload = p.length() - header;
    int room = path.mtu() - header & ~7;
    int baseOffset = Ipv4.fragmentOffset(a, at);
    boolean moreAfter = (Ipv4.flagsAndOffset(a, at) & Ipv4.MORE_FRAGMENTS) != 0;
    if (room < 8) {
      drop(p, Counter.Ip_FragFails);
      return;
    }
    for (int done = 0; done < payload; done += room) {
      int n = Math.min(room, payload - done);
      PacketBuffer f = ip.pool().acquire(header + n);
      f.append(a, at, header);
      f.append(a, at + header + done, n);
      boolean more = moreAfter || done + n < payload;
      int o = f.start();
      Bytes.put16(f.array(), o + 2, header + n);
      Bytes.put16(f.array(), o + 6, (more ? Ipv4.MORE_FRAGMENTS : 0) | (baseOffset + done) / 8);
      Ipv4.writeChecksum(f.array(), o);
      f.networkOffset = o;
      mib.count(Counter.Ip_FragCreates);
      transmit(path, f);
    }
    mib.count(Counter.Ip_FragOKs);
    p.release();
  }

  private void forward(Nic in, PacketBuffer p, IpAddress source, IpAddress destination) {
    byte[] a = p.array();
    int at = p.start();
    if (destination.isLinkLocal()
        || source.isLinkLocal()
        || source.isUnspecified()
        || destination.isReserved4()) {
      drop(p, Counter.Ip_InAddrErrors);
      return;
    }
    if (p.ttl <= 1) {
      ip.icmp4().error(in, p, Icmp4.TIME_EXCEEDED, Icmp4.TTL_EXCEEDED, 0);
      drop(p, Counter.Ip_InHdrErrors);
      return;
    }
    Path path = ip.path(destination, source, 0);
    if (path == null || path.nic().isLoopback() || path.broadcast()) {
      ip.icmp4().error(in, p, Icmp4.UNREACHABLE, Icmp4.NET_UNREACHABLE, 0);
      drop(p, Counter.Ip_OutNoRoutes);
      return;
    }
    int mtu = path.nic().mtu();
    boolean segments = p.segmentSize > 0 && path.nic().link().segmentationLimit() >= p.length();
    int largest =
        p.segmentSize == 0 ? p.length() : Segmentation.largest(p, Ipv4.headerLength(a, at));
    if (largest > mtu) {
      if ((Ipv4.flagsAndOffset(a, at) & Ipv4.DONT_FRAGMENT) != 0) {
        ip.icmp4().error(in, p, Icmp4.UNREACHABLE, Icmp4.FRAGMENTATION_NEEDED, mtu);
        drop(p, Counter.Ip_FragFails);
        return;
      }
    }
    Bytes.put8(a, at + 8, p.ttl - 1);
    Ipv4.writeChecksum(a, at);
    PacketFilter f = ip.filter();
    if (f != null && !f.forward(in, path, p)) {
      return;
    }
    mib.count(Counter.Ip_ForwDatagrams);
    Path out = new Path(path.nic(), path.nextHop(), source, mtu, false);
    if (p.segmentSize > 0 && !(segments && largest <= mtu)) {
      Segmentation.split(p, ip.pool(), Ipv4.headerLength(a, at), s -> pass(out, s));
    } else if (segments) {
      transmit(out, p);
    } else {
      pass(out, p);
    }
  }

  private void pass(Path out, PacketBuffer p) {
    if (p.length() <= out.mtu()) {
      transmit(out, p);
    } else {
      fragment(out, p);
    }
  }

  private void drop(PacketBuffer p, Counter why) {
    mib.count(why);
    p.release();
  }
}
