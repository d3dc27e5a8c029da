package io.loomvisor.net.neighbor;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketHandler;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The neighbours of one interface and one IP version. Look-ups come from any thread and take no
 * message while the entry is fresh; every change happens in the mailbox.
 */
public final class NeighborCache extends Mailbox implements PacketHandler {
  /**
   * RFC 4861 section 10: RETRANS_TIMER, MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT,
   * DELAY_FIRST_PROBE_TIME.
   */
  static final long RETRANS = Clock.SECOND;

  static final int MAX_SOLICIT = 3;
  static final long DELAY_FIRST_PROBE = 5 * Clock.SECOND;

  /** RFC 4861 section 6.3.2: REACHABLE_TIME without the random factor. */
  static final long REACHABLE_TIME = 30 * Clock.SECOND;

  /** As Linux's gc_thresh3 and unres_qlen; a flood of addresses can cost no more than this. */
  static final int MAX_ENTRIES = 1024;

  static final int MAX_WAITING = 64;

  private final Clock clock;
  private final Resolver resolver;
  private final ConcurrentHashMap<IpAddress, Neighbor> table = new ConcurrentHashMap<>();

  public NeighborCache(Clock clock, Resolver resolver) {
    this.clock = clock;
    this.resolver = resolver;
  }

  /** A row for the administrator. */
  public record Row(IpAddress address, MacAddress mac, NeighborState state) {}

  /** The address to send to right now, or null: then {@link #resolve} takes the packet. */
  public MacAddress lookup(IpAddress hop) {
    Neighbor n = table.get(hop);
    if (n == null) {
      return null;
    }
    MacAddress mac = n.mac;
    if (mac == null) {
      return null;
    }
    n.lastUsed = clock.nanoTime();
    if (n.state == NeighborState.REACHABLE && clock.nanoTime() > n.freshUntil
        || n.state == NeighborState.STALE) {
      tell(() -> used(n));
    }
    return mac;
  }

  /** Queues {@code packet} (with its {@code nextHop} set) until its next hop is known. */
  public void resolve(PacketBuffer packet) {
    tell(packet);
  }

  /** RFC 4861 section 7.3.1: an upper layer got a reply by way of {@code hop}. */
  public void confirm(IpAddress hop) {
    Neighbor n = table.get(hop);
    if (n != null && n.mac != null && n.state != NeighborState.PERMANENT) {
      long until = clock.nanoTime() + REACHABLE_TIME;
      if (n.state != NeighborState.REACHABLE || until - n.freshUntil > Clock.SECOND) {
        tell(() -> reachable(n));
      }
    }
  }

  /**
   * Somebody announced or answered. {@code solicited}: proves two-way reachability; {@code
   * override}: may replace. {@code mac} null: only confirms what is known, as the answer to a
   * unicast probe may (RFC 4861 section 7.2.4).
   */
  public void learned(IpAddress ip, MacAddress mac, boolean solicited, boolean override) {
    tell(() -> onLearned(ip, mac, solicited, override));
  }

  /** Somebody asked us: makes a STALE entry (RFC 4861 section 7.2.3, RFC 826). */
  public void asked(IpAddress ip, MacAddress mac) {
    tell(() -> onAsked(ip, mac));
  }

  /** An entry that never expires. */
  public void permanent(IpAddress ip, MacAddress mac) {
    tell(
        () -> {
          Neighbor n = table.computeIfAbsent(ip, Neighbor::new);
          n.mac = mac;
          n.state = NeighborState.PERMANENT;
          flush(n);
        });
  }

  /** Removes one entry, permanent or not, with what waits for it. */
  public void forget(IpAddress ip) {
    tell(
        () -> {
          Neighbor n = table.get(ip);
          if (n != null) {
            remove(n);
            n.waiting.forEach(PacketBuffer::release);
            n.waiting.clear();
          }
        });
  }

  public List<Row> rows() {
    List<Row> out = new ArrayList<>();
    table.values().forEach(n -> out.add(new Row(n.ip, n.mac, n.state)));
    return out;
  }

  /** Forgets everything and drops what waits. */
  public void clear() {
    tell(
        () -> {
          for (Neighbor n : List.copyOf(table.values())) {
            remove(n);
            n.waiting.forEach(PacketBuffer::release);
            n.waiting.clear();
          }
        });
  }

  @Override
  public void onPacket(PacketBuffer packet) {
    Neighbor n = table.get(packet.nextHop);
    if (n == null) {
      makeRoom();
      n = new Neighbor(packet.nextHop);
      n.lastUsed = clock.nanoTime();
      table.put(n.ip, n);
      n.waiting.add(packet);
      solicit(n);
      return;
    }
    if (n.mac != null) {
      resolver.transmit(packet, n.mac);
      return;
    }
    if (n.waiting.size() >= MAX_WAITING) {
      n.waiting.removeFirst().release();
    }
    n.waiting.add(packet);
  }

  private void solicit(Neighbor n) {
    n.probes++;
    resolver.solicit(n.ip, n.state == NeighborState.PROBE ? n.mac : null);
    arm(n, RETRANS);
  }

  private void arm(Neighbor n, long delay) {
    if (n.timer != null) {
      n.timer.cancel();
    }
    n.timer = clock.schedule(clock.nanoTime() + delay, () -> tell(() -> onTimer(n)));
  }

  private void onTimer(Neighbor n) {
    if (table.get(n.ip) != n) {
      return;
    }
    switch (n.state) {
      case INCOMPLETE, PROBE -> {
        if (n.probes < MAX_SOLICIT) {
          solicit(n);
        } else {
          remove(n);
          n.waiting.forEach(resolver::unreachable);
          n.waiting.clear();
        }
      }
      case DELAY -> {
        n.state = NeighborState.PROBE;
        n.probes = 0;
        solicit(n);
      }
      case REACHABLE, STALE, PERMANENT -> {}
    }
  }

  private void used(Neighbor n) {
    boolean aged = n.state == NeighborState.REACHABLE && clock.nanoTime() > n.freshUntil;
    if (n.state == NeighborState.STALE || aged) {
      n.state = NeighborState.DELAY;
      n.probes = 0;
      arm(n, DELAY_FIRST_PROBE);
    }
  }

  private void onLearned(IpAddress ip, MacAddress mac, boolean solicited, boolean override) {
    Neighbor n = table.get(ip);
    // RFC 4861 section 7.2.5: no entry is made for an answer that nobody asked for.
    if (n == null || n.state == NeighborState.PERMANENT || mac != null && mac.isGroup()) {
      return;
    }
    if (mac == null) {
      if (solicited && n.mac != null) {
        reachable(n);
      }
      return;
    }
    boolean changed = n.mac != null && !n.mac.equals(mac);
    if (changed && !override) {
      if (n.state == NeighborState.REACHABLE) {
        n.state = NeighborState.STALE;
      }
      return;
    }
    n.mac = mac;
    if (solicited) {
      reachable(n);
    } else if (changed || n.state == NeighborState.INCOMPLETE) {
      n.state = NeighborState.STALE;
    }
    flush(n);
  }

  private void onAsked(IpAddress ip, MacAddress mac) {
    if (mac.isGroup()) {
      return;
    }
    Neighbor n = table.get(ip);
    if (n == null) {
      makeRoom();
      n = new Neighbor(ip);
      n.state = NeighborState.STALE;
      n.mac = mac;
      n.lastUsed = clock.nanoTime();
      table.put(ip, n);
    } else if (n.state != NeighborState.PERMANENT && !mac.equals(n.mac)) {
      n.mac = mac;
      n.state = NeighborState.STALE;
      flush(n);
    }
  }

  private void reachable(Neighbor n) {
    if (n.timer != null) {
      n.timer.cancel();
      n.timer = null;
    }
    n.freshUntil = clock.nanoTime() + REACHABLE_TIME;
    n.state = NeighborState.REACHABLE;
  }

  private void flush(Neighbor n) {
    for (PacketBuffer p : n.waiting) {
      resolver.transmit(p, n.mac);
    }
    n.waiting.clear();
  }

  private void makeRoom() {
    if (table.size() < MAX_ENTRIES) {
      return;
    }
    table.values().stream()
        .filter(n -> n.state != NeighborState.PERMANENT)
        .min(Comparator.comparingLong(n -> n.lastUsed))
        .ifPresent(
            n -> {
              remove(n);
              n.waiting.forEach(PacketBuffer::release);
              n.waiting.clear();
            });
  }

  private void remove(Neighbor n) {
    table.remove(n.ip, n);
    if (n.timer != null) {
      n.timer.cancel();
    }
  }

  /** Used by tests and the administrator: what is known about {@code ip}, or null. */
  public Map.Entry<NeighborState, MacAddress> find(IpAddress ip) {
    Neighbor n = table.get(ip);
    return n == null || n.mac == null ? null : Map.entry(n.state, n.mac);
  }

  /**
   * One entry. {@code mac} and {@code state} are read by any thread; the rest belongs to the
   * mailbox.
   */
  private static final class Neighbor {
    final IpAddress ip;
    final List<PacketBuffer> waiting = new ArrayList<>(2);
    volatile MacAddress mac;
    volatile NeighborState state = NeighborState.INCOMPLETE;
    volatile long freshUntil;
    volatile long lastUsed;
    int probes;
    Clock.Timer timer;

    Neighbor(IpAddress ip) {
      this.ip = ip;
    }
  }
}
