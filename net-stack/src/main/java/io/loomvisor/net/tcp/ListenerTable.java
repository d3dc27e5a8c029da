package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.wire.IpAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** Who listens on which port. Any thread may look up; entries are replaced, never changed. */
final class ListenerTable {
  private final ConcurrentHashMap<Integer, Entry[]> ports = new ConcurrentHashMap<>();

  /**
   * @param address IPv4, IPv6 or unspecified
   * @param dual takes IPv4 on an unspecified IPv6 address
   */
  record Entry(TcpEndpoint endpoint, IpAddress address, boolean dual, int nicId) {
    /** How well it fits; 0: not at all (net/ipv4/inet_hashtables.c compute_score). */
    int score(FlowKey f, int nic) {
      if (nicId != 0 && nicId != nic) {
        return 0;
      }
      int bound = nicId != 0 ? 1 : 0;
      if (address.isUnspecified()) {
        return address.v6() == f.v6 ? 3 + bound : dual && !f.v6 ? 1 + bound : 0;
      }
      boolean same = address.v6() == f.v6 && address.hi() == f.localHi && address.lo() == f.localLo;
      return same ? 5 + bound : 0;
    }
  }

  void add(int port, Entry e) {
    ports.merge(
        port,
        new Entry[] {e},
        (old, one) -> {
          Entry[] all = Arrays.copyOf(old, old.length + 1);
          all[old.length] = one[0];
          return all;
        });
  }

  void remove(int port, TcpEndpoint endpoint) {
    ports.computeIfPresent(
        port,
        (k, old) -> {
          Entry[] rest =
              Arrays.stream(old).filter(e -> e.endpoint() != endpoint).toArray(Entry[]::new);
          return rest.length == 0 ? null : rest;
        });
  }

  List<TcpEndpoint> all() {
    return ports.values().stream().flatMap(Arrays::stream).map(Entry::endpoint).toList();
  }

  /** The best listener; among equals (SO_REUSEPORT) the flow decides. Null if there is none. */
  TcpEndpoint find(FlowKey f, int nic) {
    Entry[] entries = ports.get(f.localPort);
    if (entries == null) {
      return null;
    }
    int best = 0;
    int equals = 0;
    for (Entry e : entries) {
      int s = e.score(f, nic);
      if (s > best) {
        best = s;
        equals = 1;
      } else if (s == best && s > 0) {
        equals++;
      }
    }
    if (best == 0) {
      return null;
    }
    int pick = equals == 1 ? 0 : Integer.remainderUnsigned(f.hashCode(), equals);
    for (Entry e : entries) {
      if (e.score(f, nic) == best && pick-- == 0) {
        return e.endpoint();
      }
    }
    return null;
  }
}
