package io.loomvisor.net.ip;

import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.Ndp;
import java.util.HashMap;
import java.util.Map;

/**
 * What routers have advertised: default routes, on-link prefixes, and addresses formed from
 * prefixes (RFC 4861 section 6.3, RFC 4862 section 5.5), each until its lifetime ends. Owned by the
 * mailbox of neighbour discovery, which calls every method from inside.
 */
final class RouterDiscovery {
  /**
   * RFC 4862 section 5.5.3 (e): a lifetime is not cut below this by an unauthenticated
   * advertisement.
   */
  private static final long TWO_HOURS = 7200 * Clock.SECOND;

  private static final long INFINITE = 0xffff_ffffL;
  private static final long NEVER = Long.MAX_VALUE;

  /** Of each kind, on each interface: a hostile router cannot make more. */
  static final int MAX_PER_INTERFACE = 16;

  private static final int METRIC = 1024;

  private final IpLayer ip;

  /** Runs {@link #expire} inside the mailbox. */
  private final Runnable expiry;

  private final Map<Key, Long> routers = new HashMap<>();
  private final Map<Key, Long> prefixes = new HashMap<>();
  private final Map<Key, Lease> addresses = new HashMap<>();
  private Clock.Timer timer;

  RouterDiscovery(IpLayer ip, Runnable expiry) {
    this.ip = ip;
    this.expiry = expiry;
  }

  private record Key(Nic nic, IpAddress address, int length) {
    Route onLink() {
      return Route.onLink(address, length, nic.id());
    }

    Route byDefault() {
      return new Route(IpAddress.ANY6, 0, address, nic.id(), null, METRIC);
    }
  }

  private record Lease(long valid, long preferred) {}

  boolean hasRouter(Nic nic) {
    return routers.keySet().stream().anyMatch(k -> k.nic == nic);
  }

  void onAdvertisement(Nic nic, IpAddress router, Ndp.RouterAdvertisement r) {
    long now = ip.clock().nanoTime();
    Key key = new Key(nic, router, 0);
    if (r.routerLifetime() == 0) {
      removeRouter(key);
    } else if (hasRoom(routers, key)) {
      if (routers.put(key, now + r.routerLifetime() * Clock.SECOND) == null) {
        ip.addRoute(key.byDefault());
      }
    }
    for (Ndp.Prefix p : r.prefixes()) {
      boolean refused =
          p.prefix().isLinkLocal() || p.prefix().isMulticast() || p.preferred() > p.valid();
      if (!refused && p.onLink()) {
        onLink(new Key(nic, p.prefix(), p.length()), until(p.valid(), now), p.valid() == 0);
      }
      if (!refused && p.autonomous() && p.length() == 64) {
        onAutonomous(nic, p, now);
      }
    }
    rearm();
  }

  /** RFC 4861 section 7.2.5: a router that calls itself a host is no longer a default router. */
  void isHost(Nic nic, IpAddress neighbor) {
    removeRouter(new Key(nic, neighbor, 0));
  }

  private void removeRouter(Key key) {
    if (routers.remove(key) != null) {
      ip.removeRoute(key.byDefault());
    }
  }

  private void onLink(Key key, long until, boolean withdrawn) {
    if (withdrawn) {
      if (prefixes.remove(key) != null) {
        ip.removeRoute(key.onLink());
      }
    } else if (hasRoom(prefixes, key) && prefixes.put(key, until) == null) {
      ip.addRoute(key.onLink());
    }
  }

  private void onAutonomous(Nic nic, Ndp.Prefix p, long now) {
    IpAddress address = IpAddress.v6(p.prefix().hi(), nic.mac().interfaceIdentifier());
    Key key = new Key(nic, address, 64);
    Lease old = addresses.get(key);
    long valid = until(p.valid(), now);
    long preferred = until(p.preferred(), now);
    if (old == null) {
      if (p.valid() != 0 && hasRoom(addresses, key)) {
        addresses.put(key, new Lease(valid, preferred));
        ip.addAddress(nic, address, 64, false);
      }
      return;
    }
    boolean keeps = valid > now + TWO_HOURS || valid > old.valid;
    valid = keeps ? valid : Math.min(old.valid, now + TWO_HOURS);
    addresses.put(key, new Lease(valid, preferred));
    age(nic, address);
  }

  private static boolean hasRoom(Map<Key, ?> map, Key key) {
    return map.containsKey(key)
        || map.keySet().stream().filter(k -> k.nic == key.nic).count() < MAX_PER_INTERFACE;
  }

  private static long until(long seconds, long now) {
    return seconds == INFINITE ? NEVER : now + seconds * Clock.SECOND;
  }

  /** One timer for all, so that a flood of advertisements makes no others. */
  private void rearm() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    long now = ip.clock().nanoTime();
    long next = NEVER;
    for (long t : routers.values()) {
      next = Math.min(next, t);
    }
    for (long t : prefixes.values()) {
      next = Math.min(next, t);
    }
    for (Lease l : addresses.values()) {
      next = Math.min(next, l.preferred > now ? l.preferred : l.valid);
    }
    if (next != NEVER) {
      timer = ip.clock().schedule(next, expiry);
    }
  }

  void expire() {
    long now = ip.clock().nanoTime();
    for (Map.Entry<Key, Long> r : Map.copyOf(routers).entrySet()) {
      if (r.getValue() <= now) {
        removeRouter(r.getKey());
      }
    }
    for (Map.Entry<Key, Long> p : Map.copyOf(prefixes).entrySet()) {
      if (p.getValue() <= now) {
        onLink(p.getKey(), now, true);
      }
    }
    for (Map.Entry<Key, Lease> e : Map.copyOf(addresses).entrySet()) {
      Key k = e.getKey();
      if (e.getValue().valid <= now) {
        addresses.remove(k);
        ip.dropAddress(k.nic, k.address);
      } else {
        age(k.nic, k.address);
      }
    }
    rearm();
  }

  /** Brings the state of an autoconfigured address up to date, unless it is still tentative. */
  void age(Nic nic, IpAddress address) {
    Lease lease = addresses.get(new Key(nic, address, 64));
    if (lease == null) {
      return;
    }
    InterfaceAddress.State s =
        lease.preferred <= ip.clock().nanoTime()
            ? InterfaceAddress.State.DEPRECATED
            : InterfaceAddress.State.PREFERRED;
    for (InterfaceAddress a : nic.addresses()) {
      boolean other = a.state() != s && a.state() != InterfaceAddress.State.TENTATIVE;
      if (a.address().equals(address) && other) {
        ip.putAddress(nic, new InterfaceAddress(address, a.prefixLength(), s));
      }
    }
  }

  /** True if the address was formed here; its on-link prefix is then not the address's own. */
  boolean formed(Nic nic, IpAddress address) {
    return addresses.containsKey(new Key(nic, address, 64));
  }

  /** The interface is gone, and its routes with it. */
  void forget(Nic nic) {
    routers.keySet().removeIf(k -> k.nic == nic);
    prefixes.keySet().removeIf(k -> k.nic == nic);
    addresses.keySet().removeIf(k -> k.nic == nic);
    rearm();
  }
}
