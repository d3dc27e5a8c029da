package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.Link;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The network layer as a whole. Any thread may call. Configuration is kept in snapshots; {@link
 * #generation} changes whenever a {@link Path} found earlier may no longer be right.
 */
public final class IpLayer {
  private final Clock clock;
  private final PacketPool pool;
  private final Mib mib;
  private final AtomicReference<List<Nic>> nics = new AtomicReference<>(List.of());
  private final AtomicReference<LocalAddresses> local = new AtomicReference<>(LocalAddresses.NONE);
  private final AtomicInteger generation = new AtomicInteger();
  private final Transport[] transports = new Transport[256];
  private final Arp arp = new Arp(this);
  private final PathMtus pathMtus;
  private final Routing routing;
  private final Icmp4Layer icmp4;
  private final Icmp6Layer icmp6;
  private final NeighborDiscovery ndp;
  private final IgmpLayer igmp;
  private final MldLayer mld;
  private final Ipv4Layer v4;
  private final Ipv6Layer v6;
  private final boolean duplicateDetection;
  private RawTap tap;

  /** Null until somebody watches frames. */
  private volatile FrameTap frameTap;

  private volatile boolean forwarding;

  /** Null while there are no rules. */
  private volatile PacketFilter filter;

  public IpLayer(Clock clock, PacketPool pool, Mib mib, boolean duplicateDetection) {
    this.clock = clock;
    this.pool = pool;
    this.mib = mib;
    this.duplicateDetection = duplicateDetection;
    pathMtus = new PathMtus(clock);
    routing = new Routing(this, pathMtus);
    icmp4 = new Icmp4Layer(this);
    icmp6 = new Icmp6Layer(this);
    ndp = new NeighborDiscovery(this);
    igmp = new IgmpLayer(this);
    mld = new MldLayer(this);
    v4 = new Ipv4Layer(this);
    v6 = new Ipv6Layer(this);
  }

  /** Before the first packet. */
  public void register(int protocol, Transport t) {
    transports[protocol] = t;
  }

  /** Before the first packet: {@code t} sees what is delivered here. */
  public void tap(RawTap t) {
    tap = t;
  }

  /** From now on {@code t} sees the frames of all interfaces. */
  public void tapFrames(FrameTap t) {
    frameTap = t;
  }

  FrameTap frameTap() {
    return frameTap;
  }

  PacketFilter filter() {
    return filter;
  }

  /** Null: none. */
  public void filter(PacketFilter f) {
    filter = f;
  }

  Transport transport(int protocol) {
    return transports[protocol];
  }

  public Clock clock() {
    return clock;
  }

  public PacketPool pool() {
    return pool;
  }

  public Mib mib() {
    return mib;
  }

  Arp arp() {
    return arp;
  }

  NeighborDiscovery ndp() {
    return ndp;
  }

  Icmp4Layer icmp4() {
    return icmp4;
  }

  Icmp6Layer icmp6() {
    return icmp6;
  }

  MldLayer mld() {
    return mld;
  }

  Ipv4Layer v4() {
    return v4;
  }

  Ipv6Layer v6() {
    return v6;
  }

  PathMtus pathMtus() {
    return pathMtus;
  }

  public boolean forwarding() {
    return forwarding;
  }

  public void forwarding(boolean on) {
    forwarding = on;
  }

  public int generation() {
    return generation.get();
  }

  void changed() {
    generation.incrementAndGet();
  }

  // Interfaces and addresses

  public Nic addNic(String name, Link link) {
    return addNic(0, name, link);
  }

  /**
   * As {@link #addNic(String, Link)}.
   *
   * @param least the number is at least this
   */
  public Nic addNic(int least, String name, Link link) {
    List<Nic> after =
        nics.updateAndGet(
            old -> {
              int id = Math.max(least, old.isEmpty() ? 1 : old.getLast().id() + 1);
              List<Nic> l = new ArrayList<>(old);
              l.add(new Nic(id, name, link, this));
              return List.copyOf(l);
            });
    Nic nic = after.getLast();
    nic.start();
    return nic;
  }

  public void removeNic(Nic nic) {
    nics.updateAndGet(old -> old.stream().filter(n -> n != nic).toList());
    routing.removeAllOf(nic);
    rebuildLocal();
    ndp.forget(nic);
    igmp.reports().forget(nic);
    mld.reports().forget(nic);
    nic.stop();
  }

  /**
   * Lets an interface carry packets, or no more: then it has no routes, and its neighbours are
   * forgotten. Its addresses stay this host's; their routes come back with {@link #addRoute}.
   */
  public void setUp(Nic nic, boolean up) {
    nic.up(up);
    if (!up) {
      routing.removeAllOf(nic);
    }
    changed();
  }

  /** Of packets that leave from now on. */
  public void setMtu(Nic nic, int mtu) {
    nic.linkMtu(mtu);
    changed();
  }

  public void rename(Nic nic, String name) {
    nic.name(name);
  }

  /** Adds an address alone. */
  public void addAddressOnly(Nic nic, IpAddress address, int prefixLength) {
    addAddress(nic, address, prefixLength, false);
  }

  /** Removes an address alone. */
  public void removeAddressOnly(Nic nic, IpAddress address) {
    dropAddress(nic, address);
  }

  public List<Nic> nics() {
    return nics.get();
  }

  /** The interface with this id, or null. */
  public Nic nic(int id) {
    List<Nic> l = nics.get();
    for (int i = 0; i < l.size(); i++) {
      if (l.get(i).id() == id) {
        return l.get(i);
      }
    }
    return null;
  }

  /** Adds an address and its on-link route. */
  public void addAddress(Nic nic, IpAddress address, int prefixLength) {
    addAddress(nic, address, prefixLength, true);
  }

  /**
   * {@code onLink} false: whether its prefix is on link is said elsewhere (RFC 4862 section 5.5.3).
   */
  void addAddress(Nic nic, IpAddress address, int prefixLength, boolean onLink) {
    boolean detect = duplicateDetection && address.v6() && nic.isEthernet();
    InterfaceAddress.State state =
        detect ? InterfaceAddress.State.TENTATIVE : InterfaceAddress.State.PREFERRED;
    boolean known = nic.addresses().stream().anyMatch(a -> a.address().equals(address));
    nic.putAddress(new InterfaceAddress(address, prefixLength, state));
    if (!known && address.v6() && nic.isEthernet()) {
      // RFC 4862 section 5.4.2: before the address is tried.
      join(nic, address.solicitedNode());
    }
    if (onLink && prefixLength < address.bits()) {
      addRoute(Route.onLink(address, prefixLength, nic.id()));
    }
    rebuildLocal();
    if (detect) {
      ndp.detectDuplicate(nic, address);
    }
  }

  /**
   * Gives an Ethernet interface its IPv6 link-local address and lets routers configure it (RFC
   * 4862).
   */
  public void autoconfigure(Nic nic) {
    ndp.configure(nic);
  }

  void putAddress(Nic nic, InterfaceAddress a) {
    nic.putAddress(a);
    rebuildLocal();
  }

  /** Removes an address and its on-link route. */
  public void removeAddress(Nic nic, IpAddress address) {
    for (InterfaceAddress a : nic.addresses()) {
      if (a.address().equals(address) && a.prefixLength() < address.bits()) {
        removeRoute(Route.onLink(address, a.prefixLength(), nic.id()));
      }
    }
    dropAddress(nic, address);
  }

  /** Removes an address only. */
  void dropAddress(Nic nic, IpAddress address) {
    if (nic.dropAddress(address) && address.v6() && nic.isEthernet()) {
      leave(nic, address.solicitedNode());
    }
    rebuildLocal();
  }

  private void rebuildLocal() {
    local.updateAndGet(
        old -> {
          Map<IpAddress, Nic> m = new HashMap<>();
          for (Nic n : nics.get()) {
            for (InterfaceAddress a : n.addresses()) {
              if (a.state() != InterfaceAddress.State.TENTATIVE) {
                m.put(a.address(), n);
              }
            }
          }
          return new LocalAddresses(m);
        });
    changed();
  }

  /**
   * True if {@code a} is an address of any interface; all of 127/8 counts while there is a
   * loopback.
   */
  public boolean isLocal(IpAddress a) {
    return local.get().contains(a.v6(), a.hi(), a.lo());
  }

  /** The interface with that address, or null. */
  Nic owner(IpAddress a) {
    return local.get().owner(a);
  }

  /** As {@link #isLocal(IpAddress)}, of a flow's local address. */
  boolean isLocal(FlowKey k) {
    return local.get().contains(k.v6, k.localHi, k.localLo);
  }

  public boolean isBroadcast(IpAddress a) {
    for (Nic n : nics.get()) {
      if (n.isBroadcast(a)) {
        return true;
      }
    }
    return false;
  }

  /** Joins a group on {@code nic}; routers hear of the first member. */
  public void join(Nic nic, IpAddress group) {
    if (nic.join(group) && isReported(nic, group)) {
      reports(group).joined(nic, group);
    }
  }

  public void leave(Nic nic, IpAddress group) {
    if (nic.leave(group) && isReported(nic, group)) {
      reports(group).left(nic, group);
    }
  }

  private GroupReports reports(IpAddress group) {
    return group.v6() ? mld.reports() : igmp.reports();
  }

  /** Not for those that everybody has joined, or that stay inside the host (RFC 3810 section 6). */
  private static boolean isReported(Nic nic, IpAddress group) {
    boolean everybody = group.equals(IpAddress.ALL_HOSTS4) || group.equals(IpAddress.ALL_NODES6);
    return !nic.isLoopback() && !everybody && !(group.v6() && SourceSelection.scope(group) < 2);
  }

  // Routes

  public void addRoute(Route r) {
    routing.add(r);
    changed();
  }

  public void removeRoute(Route r) {
    routing.remove(r);
    changed();
  }

  public List<Route> routes() {
    return routing.routes();
  }

  /**
   * How to reach {@code destination}.
   *
   * @param source the sender's own address if it has one, otherwise null
   * @param nicId restricts to one interface; 0: any
   * @return null if there is no way
   */
  public Path path(IpAddress destination, IpAddress source, int nicId) {
    return routing.path(destination, source, nicId);
  }

  /**
   * The own address for what leaves by {@code nic}; null if none fits. IPv6 goes by RFC 6724, IPv4
   * prefers the destination's scope, then its subnet, then the longest common prefix.
   */
  public IpAddress sourceOn(Nic nic, IpAddress destination) {
    return routing.sourceOn(nic, destination);
  }

  // Packets

  /** Takes a packet from a link, at its IP header. */
  void receive(Nic nic, PacketBuffer p) {
    int version = p.length() == 0 ? 0 : (p.array()[p.start()] & 0xff) >>> 4;
    boolean framedAs4 = p.etherType == Ethernet.TYPE_IPV4;
    if (version == 4 && (!nic.isEthernet() || framedAs4)) {
      v4.receive(nic, p);
    } else if (version == 6 && (!nic.isEthernet() || !framedAs4)) {
      v6.receive(nic, p);
    } else {
      mib.count(Counter.Ip_InHdrErrors);
      p.release();
    }
  }

  /**
   * Sends a transport packet and becomes its owner. {@code p.flow} holds the addresses, {@code
   * p.protocol}, {@code p.ttl} and {@code p.tos} are set.
   *
   * @param dontFragment rather fail than fragment
   * @return false if it is larger than the path's MTU and must not be fragmented; the packet is
   *     released
   */
  public boolean send(Path path, PacketBuffer p, boolean dontFragment) {
    return p.flow.v6 ? v6.send(path, p, dontFragment) : v4.send(path, p, dontFragment);
  }

  /** What becomes of a packet that came in and that the filter lets pass. */
  public void route(Nic in, PacketBuffer p) {
    if (p.flow.v6) {
      v6.route(in, p);
    } else {
      v4.route(in, p);
    }
  }

  /** Puts a packet of this host's, complete with its IP header, on its way. */
  public void emit(Path path, PacketBuffer p) {
    if (p.flow.v6) {
      v6.emit(path, p);
    } else {
      v4.emit(path, p);
    }
  }

  /** Tells the sender of a packet, by ICMP, that it may not pass. Does not release it. */
  public void refuse(Nic nic, PacketBuffer p, int type, int code) {
    if (p.flow.v6) {
      icmp6.error(nic, p, type, code, 0);
    } else {
      icmp4.error(nic, p, type, code, 0);
    }
  }

  /** Sends an IPv4 packet that has its header, with a right checksum; it fits the path. */
  public void sendWhole(Path path, PacketBuffer p) {
    v4.sendWhole(path, p);
  }

  /** Hands a packet whose addresses are known to its transport, or answers that there is none. */
  void deliver(Nic nic, PacketBuffer p, int protocol) {
    p.protocol = protocol;
    boolean six = p.flow.v6;
    boolean taken = tap != null && tap.delivered(p, protocol);
    if (protocol == IpProtocol.ICMP && !six) {
      icmp4.receive(nic, p);
      return;
    }
    if (protocol == IpProtocol.ICMPV6 && six) {
      icmp6.receive(nic, p);
      return;
    }
    if (protocol == IpProtocol.IGMP && !six) {
      igmp.receive(nic, p);
      return;
    }
    Transport t = transports[protocol];
    if (t != null) {
      mib.count(six ? Counter.Ip6_InDelivers : Counter.Ip_InDelivers);
      t.receive(p);
      return;
    }
    if (taken) {
      mib.count(six ? Counter.Ip6_InDelivers : Counter.Ip_InDelivers);
      p.release();
      return;
    }
    mib.count(six ? Counter.Ip6_InUnknownProtos : Counter.Ip_InUnknownProtos);
    if (six) {
      icmp6.unknownProtocol(nic, p);
    } else {
      icmp4.protocolUnreachable(nic, p);
    }
    p.release();
  }

  /**
   * An ICMP error about a packet of this host's: tells raw endpoints, and its transport.
   *
   * @param sequence the four bytes after the ports
   */
  void failed(FlowKey flow, int protocol, int sequence, IcmpError error) {
    if (tap != null) {
      tap.failed(flow, protocol, error);
    }
    Transport t = transports[protocol];
    if (t != null) {
      t.error(flow, sequence, error);
    }
  }

  /** Answers a datagram for which no socket was found. Does not release it. */
  public void portUnreachable(PacketBuffer p) {
    Nic nic = nic(p.nicId);
    if (nic != null) {
      if (p.flow.v6) {
        icmp6.portUnreachable(nic, p);
      } else {
        icmp4.portUnreachable(nic, p);
      }
    }
  }

  /** A packet's next hop does not answer: tells its sender, here or elsewhere, and releases it. */
  void hostUnreachable(PacketBuffer p) {
    try {
      if (p.nextHop.v6()) {
        icmp6.hostUnreachable(p);
      } else {
        icmp4.hostUnreachable(p);
      }
    } finally {
      p.release();
    }
  }

  /** A way was found to be narrower than the link. */
  public void learnMtu(IpAddress destination, int mtu) {
    Path path = path(destination, null, 0);
    if (path != null && pathMtus.lower(destination, mtu, path.mtu())) {
      changed();
    }
  }

  /** Upper-layer confirmation that the next hop of {@code path} forwards. */
  public void confirmNeighbor(Path path) {
    if (path.nic().isEthernet()) {
      path.nic().neighbors(path.nextHop().v6()).confirm(path.nextHop());
    }
  }

  public void close() {
    for (Nic n : nics.getAndSet(List.of())) {
      n.stop();
    }
    routing.clear();
    rebuildLocal();
  }
}
