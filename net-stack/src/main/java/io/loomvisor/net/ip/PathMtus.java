package io.loomvisor.net.ip;

import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.Ipv6;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Path MTUs learned from ICMP (RFC 1191, RFC 8201), each forgotten after ten minutes, at most
 * {@value #MAX} of them.
 */
final class PathMtus {
  static final int MAX = 4096;
  static final long LIFETIME = 600 * Clock.SECOND;

  /** Linux's ip_rt_min_pmtu: a smaller claim is more likely an attack than a link. */
  static final int MIN_V4 = 552;

  private final Clock clock;
  private final ConcurrentHashMap<IpAddress, Entry> learned = new ConcurrentHashMap<>();

  PathMtus(Clock clock) {
    this.clock = clock;
  }

  /** What is known for {@code destination}, at most {@code linkMtu}. */
  int get(IpAddress destination, int linkMtu) {
    if (learned.isEmpty()) {
      return linkMtu;
    }
    Entry e = learned.get(destination);
    if (e == null) {
      return linkMtu;
    }
    if (clock.nanoTime() > e.expires) {
      learned.remove(destination, e);
      return linkMtu;
    }
    return Math.min(e.mtu, linkMtu);
  }

  /** True if the path became narrower. */
  boolean lower(IpAddress destination, int mtu, int current) {
    int floor = destination.v6() ? Ipv6.MIN_MTU : MIN_V4;
    int m = Math.max(mtu, floor);
    if (m >= current) {
      return false;
    }
    if (learned.size() >= MAX) {
      learned.keySet().stream().findAny().ifPresent(learned::remove);
    }
    learned.put(destination, new Entry(m, clock.nanoTime() + LIFETIME));
    return true;
  }

  private record Entry(int mtu, long expires) {}
}
