package io.loomvisor.net.ip;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketHandler;
import io.loomvisor.net.link.Link;
import io.loomvisor.net.neighbor.NeighborCache;
import io.loomvisor.net.neighbor.Resolver;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * An interface: a link with addresses. The mailbox is its transmit queue; addresses and groups are
 * snapshots that any thread reads.
 */
public final class Nic extends Mailbox implements PacketHandler, Resolver {
  /** Packets waiting for the link; more are dropped, as a full qdisc does. */
  static final int QUEUE_LIMIT = 8192;

  private static final int MAX_PACKET = 65_535;

  private final int id;
  private final Link link;

  // Settings; IpLayer writes them, any thread reads.

  private volatile String name;

  /** As set, which of a loopback may be more than a packet can be long. */
  private volatile int linkMtu;

  private volatile boolean up = true;
  private final IpLayer ip;
  private final NeighborCache neighbors4;
  private final NeighborCache neighbors6;
  private final AtomicReference<List<InterfaceAddress>> addresses =
      new AtomicReference<>(List.of());
  private final AtomicReference<Map<IpAddress, Integer>> groups = new AtomicReference<>(Map.of());
  private final AtomicInteger queued = new AtomicInteger();
  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final LongAdder receivedBytes = new LongAdder();
  private final LongAdder sentBytes = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  Nic(int id, String name, Link link, IpLayer ip) {
    this.id = id;
    this.name = name;
    this.link = link;
    this.linkMtu = link.mtu();
    this.ip = ip;
    boolean ethernet = link.framing() == Link.Framing.ETHERNET;
    neighbors4 = ethernet ? new NeighborCache(ip.clock(), this) : null;
    neighbors6 = ethernet ? new NeighborCache(ip.clock(), this) : null;
  }

  public int id() {
    return id;
  }

  public String name() {
    return name;
  }

  /** Longest IP packet. */
  public int mtu() {
    return Math.min(linkMtu, MAX_PACKET);
  }

  /** What was set; {@link #mtu} is never more than an IP packet can be long. */
  public int linkMtu() {
    return linkMtu;
  }

  /** Whether it carries packets. */
  public boolean isUp() {
    return up;
  }

  void name(String n) {
    name = n;
  }

  void linkMtu(int m) {
    linkMtu = m;
  }

  void up(boolean on) {
    up = on;
    if (!on && isEthernet()) {
      neighbors4.clear();
      neighbors6.clear();
    }
  }

  public MacAddress mac() {
    return link.mac();
  }

  public Link link() {
    return link;
  }

  public boolean isLoopback() {
    return link.isLoopback();
  }

  boolean isEthernet() {
    return neighbors4 != null;
  }

  /** Null unless the link is Ethernet. */
  public NeighborCache neighbors(boolean v6) {
    return v6 ? neighbors6 : neighbors4;
  }

  public List<InterfaceAddress> addresses() {
    return addresses.get();
  }

  void putAddress(InterfaceAddress a) {
    addresses.updateAndGet(
        old -> {
          List<InterfaceAddress> l = new ArrayList<>(old);
          l.removeIf(x -> x.address().equals(a.address()));
          l.add(a);
          return List.copyOf(l);
        });
  }

  boolean dropAddress(IpAddress address) {
    List<InterfaceAddress> before =
        addresses.getAndUpdate(
            old -> old.stream().filter(x -> !x.address().equals(address)).toList());
    return before.stream().anyMatch(x -> x.address().equals(address));
  }

  /** Counts a membership; true if it is the first of that group. */
  boolean join(IpAddress group) {
    Map<IpAddress, Integer> before =
        groups.getAndUpdate(
            old -> {
              Map<IpAddress, Integer> m = new HashMap<>(old);
              m.merge(group, 1, Integer::sum);
              return Map.copyOf(m);
            });
    return !before.containsKey(group);
  }

  /** True if it was the last membership of that group. */
  boolean leave(IpAddress group) {
    Map<IpAddress, Integer> before =
        groups.getAndUpdate(
            old -> {
              Map<IpAddress, Integer> m = new HashMap<>(old);
              m.computeIfPresent(group, (g, n) -> n > 1 ? n - 1 : null);
              return Map.copyOf(m);
            });
    return before.getOrDefault(group, 0) == 1;
  }

  boolean isMember(IpAddress group) {
    if (group.equals(IpAddress.ALL_HOSTS4) || group.equals(IpAddress.ALL_NODES6) || isLoopback()) {
      return true;
    }
    return groups.get().containsKey(group);
  }

  boolean isBroadcast(IpAddress a) {
    return !a.v6() && isBroadcast4(a.intValue());
  }

  boolean isBroadcast4(int a) {
    List<InterfaceAddress> all = addresses.get();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).isBroadcast4(a)) {
        return true;
      }
    }
    return a == -1;
  }

  /**
   * Counters of the interface: packets and bytes received and sent, packets dropped before or by
   * the link.
   */
  public record Statistics(
      long received, long receivedBytes, long sent, long sentBytes, long dropped) {}

  public Statistics statistics() {
    return new Statistics(
        received.sum(),
        receivedBytes.sum(),
        sent.sum(),
        sentBytes.sum(),
        dropped.sum() + link.dropped());
  }

  void start() {
    link.attach(
        new Link.Receiver() {
          @Override
          public void receive(PacketBuffer p) {
            if (enter(p)) {
              ip.receive(Nic.this, p);
            }
          }

          @Override
          public void receive(PacketBuffer[] packets, int n) {
            receiveTogether(packets, n);
          }
        });
  }

  void stop() {
    link.close();
    if (isEthernet()) {
      neighbors4.clear();
      neighbors6.clear();
    }
  }

  private void receiveTogether(PacketBuffer[] packets, int n) {
    for (int i = 0; i < n; i++) {
      if (!enter(packets[i])) {
        packets[i] = null;
      }
    }
    int kept = Coalescer.coalesce(packets, n, ip.pool(), link.checksumFree());
    for (int i = 0; i < kept; i++) {
      PacketBuffer p = packets[i];
      packets[i] = null;
      ip.receive(this, p);
    }
  }

  /** Takes a packet from the link; true if it is one for IP, which starts at its header then. */
  private boolean enter(PacketBuffer p) {
    if (!up) {
      p.release();
      return false;
    }
    received.increment();
    receivedBytes.add(p.length());
    p.nicId = id;
    p.tapOrigin = 0;
    p.nextHop = null;
    p.linkDestination = null;
    p.checksumTrusted |= link.checksumFree();
    p.networkOffset = 0;
    if (!link.isLoopback()) {
      p.tracked = null;
      p.mark = 0;
    }
    p.fragmentSize = 0;
    if (isEthernet()) {
      return enterFrame(p);
    }
    p.linkMulticast = false;
    boolean forIp = p.linkHeader == 0 || isForIp(p);
    FrameTap tap = ip.frameTap();
    if (tap != null) {
      tapWithout(tap, p, false);
    }
    p.linkHeader = 0;
    if (!forIp) {
      p.release();
    }
    return forIp;
  }

  /**
   * Whether a frame that was sent to this host's loopback with a header of its own is one for IP.
   */
  private static boolean isForIp(PacketBuffer p) {
    long destination = Ethernet.destination(p.array(), p.start() - Ethernet.HEADER_LENGTH);
    boolean ours = destination == 0 || (destination >>> 40 & 1) != 0;
    return ours && (p.etherType == Ethernet.TYPE_IPV4 || p.etherType == Ethernet.TYPE_IPV6);
  }

  /** Shows a packet of a link without headers; one of zeros stands in for the one it has not. */
  private void tapWithout(FrameTap tap, PacketBuffer p, boolean outgoing) {
    int header = Ethernet.HEADER_LENGTH;
    if (p.linkHeader == 0) {
      p.ensureHeadroom(header);
      boolean six = p.length() > 0 && (p.array()[p.start()] & 0xff) >>> 4 == 6;
      p.etherType = six ? Ethernet.TYPE_IPV6 : Ethernet.TYPE_IPV4;
      Ethernet.write(p.array(), p.start() - header, MacAddress.ZERO, MacAddress.ZERO, p.etherType);
    }
    p.prepend(header);
    tap.frame(this, p, outgoing);
    p.trimFront(header);
  }

  private boolean enterFrame(PacketBuffer p) {
    if (!Ethernet.check(p.length())) {
      p.release();
      return false;
    }
    byte[] a = p.array();
    int at = p.start();
    long destination = Ethernet.destination(a, at);
    p.linkMulticast = (destination >>> 40 & 1) != 0;
    int type = Ethernet.type(a, at);
    p.etherType = type;
    FrameTap tap = ip.frameTap();
    if (tap != null) {
      tap.frame(this, p, false);
    }
    if (!p.linkMulticast && destination != link.mac().value()) {
      p.release();
      return false;
    }
    p.trimFront(Ethernet.HEADER_LENGTH);
    switch (type) {
      case Ethernet.TYPE_IPV4, Ethernet.TYPE_IPV6 -> {
        return true;
      }
      case Ethernet.TYPE_ARP -> ip.arp().receive(this, p);
      default -> p.release();
    }
    return false;
  }

  /** Sends an IP packet (or an ARP packet with its link destination set). Never waits. */
  public void transmit(PacketBuffer p) {
    if (queued.get() >= QUEUE_LIMIT || !up) {
      dropped.increment();
      p.release();
      return;
    }
    queued.incrementAndGet();
    tell(p);
  }

  /** Sends a frame that has its Ethernet header, also if the link has none. Never waits. */
  public void transmitFrame(PacketBuffer p) {
    p.etherType = Ethernet.type(p.array(), p.start());
    p.nextHop = null;
    p.linkDestination = null;
    p.trimFront(Ethernet.HEADER_LENGTH);
    p.linkHeader = Ethernet.HEADER_LENGTH;
    transmit(p);
  }

  @Override
  public void onPacket(PacketBuffer p) {
    queued.decrementAndGet();
    if (!isEthernet()) {
      write(p);
      return;
    }
    if (p.linkHeader != 0) {
      p.prepend(p.linkHeader);
      p.linkHeader = 0;
      write(p);
      return;
    }
    MacAddress to = p.linkDestination;
    if (to == null) {
      to = resolve(p.nextHop);
    }
    if (to == null) {
      neighbors(p.nextHop.v6()).resolve(p);
    } else {
      frame(p, to);
    }
  }

  private MacAddress resolve(IpAddress hop) {
    if (hop.isMulticast()) {
      return MacAddress.ofMulticast(hop);
    }
    if (isBroadcast(hop)) {
      return MacAddress.BROADCAST;
    }
    return neighbors(hop.v6()).lookup(hop);
  }

  private void frame(PacketBuffer p, MacAddress to) {
    p.ensureHeadroom(Ethernet.HEADER_LENGTH);
    Ethernet.write(p.array(), p.prepend(Ethernet.HEADER_LENGTH), to, link.mac(), p.etherType);
    write(p);
  }

  private void write(PacketBuffer p) {
    FrameTap tap = ip.frameTap();
    if (tap != null && isEthernet()) {
      tap.frame(this, p, true);
    } else if (tap != null) {
      tapWithout(tap, p, true);
    }
    if (p.checksumStart != 0 && !link.checksumOffload()) {
      Offload.finish(p);
    }
    sent.increment();
    sentBytes.add(p.length());
    link.write(p);
  }

  @Override
  public void solicit(IpAddress target, MacAddress at) {
    if (target.v6()) {
      ip.ndp().solicit(this, target, at);
    } else {
      ip.arp().solicit(this, target, at);
    }
  }

  @Override
  public void transmit(PacketBuffer packet, MacAddress to) {
    packet.linkDestination = to;
    transmit(packet);
  }

  @Override
  public void unreachable(PacketBuffer packet) {
    ip.hostUnreachable(packet);
  }
}
