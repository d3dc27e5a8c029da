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
import java.util.List;
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

  private final IpLayer ip;
  private final RouterDiscovery routers;
  private final Map<Tentative, Clock.Timer> tentative = new HashMap<>();

  NeighborDiscovery(IpLayer ip) {
    this.ip = ip;
    routers = new RouterDiscovery(ip, () -> tell(this::expire));
  }

  /** An address whose uniqueness is being found out. */
  private record Tentative(Nic nic, IpAddress address) {}

  private void expire() {
    routers.expire();
  }

  private static boolean isTentative(Nic nic, IpAddress address) {
    for (InterfaceAddress a : nic.addresses()) {
      if (a.state() == InterfaceAddress.State.TENTATIVE && a.address().equals(address)) {
        return true;
      }
    }
    return false;
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
          if (r.source() != null) {
            nic.neighbors(true).asked(source, r.source());
          }
          tell(() -> routers.onAdvertisement(nic, source, r));
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
    if (isTentative(nic, s.target())) {
      if (detecting) {
        tell(() -> duplicate(nic, s.target()));
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
    if (isTentative(nic, a.target())) {
      tell(() -> duplicate(nic, a.target()));
      return;
    }
    nic.neighbors(true).learned(a.target(), a.mac(), a.solicited(), a.override());
    if (!a.router()) {
      tell(() -> routers.isHost(nic, a.target()));
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
          Tentative t = new Tentative(nic, address);
          long deadline = ip.clock().nanoTime() + DUPLICATE_WAIT;
          Clock.Timer old =
              tentative.put(t, ip.clock().schedule(deadline, () -> tell(() -> unique(t))));
          if (old != null) {
            old.cancel();
          }
          IpAddress to = address.solicitedNode();
          MacAddress mac = MacAddress.ofMulticast(to);
          send(nic, Icmp6.NEIGHBOR_SOLICITATION, 0, address, 0, IpAddress.ANY6, to, mac);
        });
  }

  private void unique(Tentative t) {
    tentative.remove(t);
    if (!isTentative(t.nic, t.address)) {
      return;
    }
    for (InterfaceAddress a : t.nic.addresses()) {
      if (a.address().equals(t.address)) {
        InterfaceAddress.State s = InterfaceAddress.State.PREFERRED;
        ip.putAddress(t.nic, new InterfaceAddress(t.address, a.prefixLength(), s));
      }
    }
    routers.age(t.nic, t.address);
    if (t.address.isLinkLocal()) {
      // What was reported without an address was for switches only (RFC 3590).
      ip.mld().reports().again(t.nic);
      solicitRouters(t.nic, t.address, 1);
    }
  }

  private void duplicate(Nic nic, IpAddress address) {
    Clock.Timer timer = tentative.remove(new Tentative(nic, address));
    if (timer != null) {
      timer.cancel();
      if (routers.formed(nic, address)) {
        ip.dropAddress(nic, address);
      } else {
        ip.removeAddress(nic, address);
      }
      LOG.warn("{}: IPv6 duplicate address {} detected", nic.name(), address);
    }
  }

  /** The interface is gone. */
  void forget(Nic nic) {
    tell(
        () -> {
          for (Tentative t : List.copyOf(tentative.keySet())) {
            if (t.nic == nic) {
              tentative.remove(t).cancel();
            }
          }
          routers.forget(nic);
        });
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
    if (attempt > MAX_SOLICITATIONS || routers.hasRouter(nic)) {
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
}
