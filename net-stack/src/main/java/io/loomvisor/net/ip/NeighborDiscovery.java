package io.loomvisor.net.ip;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.MacAddress;
import io.loomvisor.net.wire.Ndp;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Neighbour discovery (RFC 4861) and address autoconfiguration (RFC 4862) of all Ethernet
 * interfaces: answers solicitations, detects duplicates, takes routers and prefixes from
 * advertisements.
 */
final class NeighborDiscovery extends Mailbox {
  private static final Logger LOG = LoggerFactory.getLogger(NeighborDiscovery.class);

  /**
   * RFC 4861 section 10: RETRANS_TIMER; one transmission (RFC 4862 section 5.1,
   * DupAddrDetectTransmits).
   */
  private static final long DUPLICATE_WAIT = Clock.SECOND;

  /** RFC 4861 section 10: RTR_SOLICITATION_INTERVAL and MAX_RTR_SOLICITATIONS. */
  private static final long SOLICITATION_INTERVAL = 4 * Clock.SECOND;

  private static final int MAX_SOLICITATIONS = 3;

  /**
   * RFC 4862 section 5.5.3 (e): a lifetime is not cut below this by an unauthenticated
   * advertisement.
   */
  private static final long TWO_HOURS = 7200 * Clock.SECOND;

  private static final long INFINITE = 0xffff_ffffL;

  /** Autoconfigured addresses per interface, and routers: a hostile router cannot make more. */
  private static final int MAX_AUTOCONFIGURED = 16;

  private final IpLayer ip;
  private final Map<IpAddress, Tentative> tentative = new HashMap<>();
  private final Map<IpAddress, Lease> leases = new HashMap<>();
  private final Map<IpAddress, Lease> routers = new HashMap<>();
  private volatile Map<IpAddress, Nic> tentativeGroups = Map.of();

  NeighborDiscovery(IpLayer ip) {
    this.ip = ip;
  }

  private record Tentative(Nic nic, IpAddress address, Clock.Timer timer) {}

  /** Something an advertisement gave us until {@code until}. */
  private record Lease(Nic nic, long until, long preferredUntil, int prefixLength, Route route) {}

  /** True if {@code group} is the solicited-node group of a tentative address of {@code nic}. */
  boolean expects(Nic nic, IpAddress group) {
    return tentativeGroups.get(group) == nic;
  }

  /** Takes a checksummed ICMPv6 message. */
  void receive(Nic nic, PacketBuffer p) {
    // RFC 4861 sections 6.1 and 7.1: anything with another hop limit has crossed a router.
    Ndp m = p.ttl == 255 && nic.isEthernet() ? Ndp.parse(p.array(), p.start(), p.length()) : null;
    IpAddress source = p.flow.remote();
    IpAddress destination = p.flow.local();
    p.release();
    switch (m) {
      case null -> {}
      case Ndp.NeighborSolicitation s -> solicited(nic, s, source, destination);
      case Ndp.NeighborAdvertisement a -> advertised(nic, a, destination);
      case Ndp.RouterSolicitation r -> {
        if (r.source() != null && !source.isUnspecified()) {
          nic.neighbors(true).asked(source, r.source());
        }
      }
      case Ndp.RouterAdvertisement r -> {
        if (source.isLinkLocal() && !ip.forwarding()) {
          tell(() -> onRouter(nic, source, r));
        }
      }
    }
  }

  private void solicited(
      Nic nic, Ndp.NeighborSolicitation s, IpAddress source, IpAddress destination) {
    boolean detecting = source.isUnspecified();
    if (detecting && (s.source() != null || !destination.equals(s.target().solicitedNode()))) {
      return;
    }
    if (tentativeGroups.containsKey(s.target().solicitedNode())) {
      if (detecting) {
        tell(() -> duplicate(s.target()));
      }
      return;
    }
    boolean ours = nic.addresses().stream().anyMatch(a -> a.address().equals(s.target()));
    if (!ours) {
      return;
    }
    if (!detecting && s.source() != null) {
      nic.neighbors(true).asked(source, s.source());
    }
    IpAddress to = detecting ? IpAddress.ALL_NODES6 : source;
    int flags = Ndp.OVERRIDE | (detecting ? 0 : Ndp.SOLICITED) | (ip.forwarding() ? Ndp.ROUTER : 0);
    MacAddress mac = detecting ? MacAddress.ofMulticast(to) : s.source();
    send(
        nic,
        Icmp6.NEIGHBOR_ADVERTISEMENT,
        flags,
        s.target(),
        Ndp.TARGET_LINK_ADDRESS,
        s.target(),
        to,
        mac);
  }

  private void advertised(Nic nic, Ndp.NeighborAdvertisement a, IpAddress destination) {
    if (a.solicited() && destination.isMulticast()) {
      return;
    }
    if (tentativeGroups.containsKey(a.target().solicitedNode())) {
      tell(() -> duplicate(a.target()));
      return;
    }
    if (a.mac() != null) {
      nic.neighbors(true).learned(a.target(), a.mac(), a.solicited(), a.override());
    }
  }

  /** Asks for {@code target}: its solicited-node group, or the station {@code at}. */
  void solicit(Nic nic, IpAddress target, MacAddress at) {
    IpAddress source = ip.sourceOn(nic, target);
    if (source == null) {
      return;
    }
    IpAddress to = at == null ? target.solicitedNode() : target;
    MacAddress mac = at == null ? MacAddress.ofMulticast(to) : at;
    send(nic, Icmp6.NEIGHBOR_SOLICITATION, 0, target, Ndp.SOURCE_LINK_ADDRESS, source, to, mac);
  }

  /** {@code mac} null: resolve. */
  private void send(
      Nic nic,
      int type,
      int flags,
      IpAddress target,
      int option,
      IpAddress from,
      IpAddress to,
      MacAddress mac) {
    int length = option == 0 ? Ndp.NEIGHBOR_LENGTH - 8 : Ndp.NEIGHBOR_LENGTH;
    PacketBuffer p = ip.pool().acquire(length);
    int at = p.append(length);
    if (option == 0) {
      target.write(p.array(), at + 8);
    } else {
      Ndp.writeNeighborBody(p.array(), at, target, option, nic.mac());
    }
    Icmp6.write(p.array(), at, length, type, 0, flags, from, to);
    emit(nic, p, from, to, mac);
  }

  private void emit(Nic nic, PacketBuffer p, IpAddress from, IpAddress to, MacAddress mac) {
    p.flow.set(new FlowKey(from, 0, to, 0));
    p.protocol = IpProtocol.ICMPV6;
    p.ttl = 255;
    p.linkDestination = mac;
    ip.send(new Path(nic, to, from, nic.mtu(), false), p, true);
  }

  // Duplicate address detection, RFC 4862 section 5.4

  void detectDuplicate(Nic nic, IpAddress address) {
    tell(
        () -> {
          Clock.Timer t =
              ip.clock()
                  .schedule(
                      ip.clock().nanoTime() + DUPLICATE_WAIT, () -> tell(() -> unique(address)));
          tentative.put(address, new Tentative(nic, address, t));
          publishGroups();
          IpAddress to = address.solicitedNode();
          send(
              nic,
              Icmp6.NEIGHBOR_SOLICITATION,
              0,
              address,
              0,
              IpAddress.ANY6,
              to,
              MacAddress.ofMulticast(to));
        });
  }

  private void publishGroups() {
    Map<IpAddress, Nic> m = new HashMap<>();
    tentative.values().forEach(t -> m.put(t.address.solicitedNode(), t.nic));
    tentativeGroups = Map.copyOf(m);
  }

  private void unique(IpAddress address) {
    Tentative t = tentative.remove(address);
    if (t == null) {
      return;
    }
    publishGroups();
    for (InterfaceAddress a : t.nic.addresses()) {
      if (a.address().equals(address)) {
        ip.putAddress(
            t.nic,
            new InterfaceAddress(address, a.prefixLength(), InterfaceAddress.State.PREFERRED));
      }
    }
    if (address.isLinkLocal()) {
      solicitRouters(t.nic, address, 1);
    }
  }

  private void duplicate(IpAddress address) {
    Tentative t = tentative.remove(address);
    if (t != null) {
      t.timer.cancel();
      publishGroups();
      ip.removeAddress(t.nic, address);
      LOG.warn("{}: IPv6 duplicate address {} detected", t.nic.name(), address);
    }
  }

  // Routers and prefixes, RFC 4861 section 6.3 and RFC 4862 section 5.5

  /**
   * Starts autoconfiguration: forms the link-local address; routers are asked once it is unique.
   */
  void configure(Nic nic) {
    IpAddress linkLocal = IpAddress.v6(0xfe80_0000_0000_0000L, nic.mac().interfaceIdentifier());
    ip.addAddress(nic, linkLocal, 64);
    boolean ready =
        nic.addresses().stream()
            .anyMatch(
                a ->
                    a.state() == InterfaceAddress.State.PREFERRED && a.address().equals(linkLocal));
    if (ready) {
      tell(() -> solicitRouters(nic, linkLocal, 1));
    }
  }

  private void solicitRouters(Nic nic, IpAddress from, int attempt) {
    if (attempt > MAX_SOLICITATIONS || routers.values().stream().anyMatch(r -> r.nic == nic)) {
      return;
    }
    PacketBuffer p = ip.pool().acquire(16);
    int at = p.append(16);
    byte[] a = p.array();
    a[at + 8] = Ndp.SOURCE_LINK_ADDRESS;
    a[at + 9] = 1;
    nic.mac().write(a, at + 10);
    Icmp6.write(a, at, 16, Icmp6.ROUTER_SOLICITATION, 0, 0, from, IpAddress.ALL_ROUTERS6);
    emit(nic, p, from, IpAddress.ALL_ROUTERS6, MacAddress.ofMulticast(IpAddress.ALL_ROUTERS6));
    ip.clock()
        .schedule(
            ip.clock().nanoTime() + SOLICITATION_INTERVAL,
            () -> tell(() -> solicitRouters(nic, from, attempt + 1)));
  }

  private void onRouter(Nic nic, IpAddress router, Ndp.RouterAdvertisement r) {
    if (r.source() != null) {
      nic.neighbors(true).asked(router, r.source());
    }
    long now = ip.clock().nanoTime();
    Lease known = routers.get(router);
    if (r.routerLifetime() == 0) {
      if (known != null) {
        routers.remove(router);
        ip.removeRoute(known.route);
      }
    } else if (known != null || routers.size() < MAX_AUTOCONFIGURED) {
      Route route = new Route(IpAddress.ANY6, 0, router, nic.id(), null, 1024);
      long until = now + r.routerLifetime() * Clock.SECOND;
      routers.put(router, new Lease(nic, until, until, 0, route));
      ip.addRoute(route);
      expireAt(until);
    }
    for (Ndp.Prefix p : r.prefixes()) {
      onPrefix(nic, p, now);
    }
  }

  private void onPrefix(Nic nic, Ndp.Prefix p, long now) {
    if (p.prefix().isLinkLocal() || p.prefix().isMulticast() || p.preferred() > p.valid()) {
      return;
    }
    if (p.onLink() && p.valid() > 0) {
      ip.addRoute(Route.onLink(p.prefix(), p.length(), nic.id()));
    }
    if (!p.autonomous() || p.length() != 64) {
      return;
    }
    IpAddress address = IpAddress.v6(p.prefix().hi(), nic.mac().interfaceIdentifier());
    Lease old = leases.get(address);
    long valid = p.valid() == INFINITE ? Long.MAX_VALUE : now + p.valid() * Clock.SECOND;
    long preferred =
        p.preferred() == INFINITE ? Long.MAX_VALUE : now + p.preferred() * Clock.SECOND;
    if (old != null) {
      boolean keeps = valid > now + TWO_HOURS || valid > old.until;
      valid = keeps ? valid : Math.min(old.until, now + TWO_HOURS);
    } else if (p.valid() == 0 || leases.size() >= MAX_AUTOCONFIGURED) {
      return;
    } else {
      ip.addAddress(nic, address, 64);
    }
    leases.put(address, new Lease(nic, valid, preferred, 64, null));
    if (old != null) {
      age(address, leases.get(address), now);
    }
    expireAt(preferred);
    expireAt(valid);
  }

  private void expireAt(long deadline) {
    if (deadline != Long.MAX_VALUE) {
      ip.clock().schedule(deadline, () -> tell(this::expire));
    }
  }

  private void expire() {
    long now = ip.clock().nanoTime();
    routers
        .values()
        .removeIf(
            r -> {
              if (r.until <= now) {
                ip.removeRoute(r.route);
                return true;
              }
              return false;
            });
    for (Map.Entry<IpAddress, Lease> e : Map.copyOf(leases).entrySet()) {
      if (e.getValue().until <= now) {
        leases.remove(e.getKey());
        ip.removeAddress(e.getValue().nic, e.getKey());
      } else {
        age(e.getKey(), e.getValue(), now);
      }
    }
  }

  private void age(IpAddress address, Lease lease, long now) {
    if (tentative.containsKey(address)) {
      return;
    }
    InterfaceAddress.State s =
        lease.preferredUntil <= now
            ? InterfaceAddress.State.DEPRECATED
            : InterfaceAddress.State.PREFERRED;
    boolean present =
        lease.nic.addresses().stream().anyMatch(a -> a.address().equals(address) && a.state() != s);
    if (present) {
      ip.putAddress(lease.nic, new InterfaceAddress(address, lease.prefixLength, s));
    }
  }
}
