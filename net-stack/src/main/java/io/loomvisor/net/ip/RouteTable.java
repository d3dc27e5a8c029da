package io.loomvisor.net.ip;

import io.loomvisor.net.wire.IpAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An immutable set of routes. A look-up tries the prefix lengths that occur, longest first, one
 * hash look-up each; among routes of one prefix the lowest metric wins, then the oldest.
 */
final class RouteTable {
  static final RouteTable EMPTY = new RouteTable(List.of());

  private final List<Route> routes;
  private final int[] lengths4;
  private final int[] lengths6;
  private final Map<IpAddress, List<Route>>[] byLength4;
  private final Map<IpAddress, List<Route>>[] byLength6;

  RouteTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
    TreeMap<Integer, Map<IpAddress, List<Route>>> v4 = index(false);
    TreeMap<Integer, Map<IpAddress, List<Route>>> v6 = index(true);
    lengths4 = v4.keySet().stream().mapToInt(i -> i).toArray();
    lengths6 = v6.keySet().stream().mapToInt(i -> i).toArray();
    byLength4 = maps(v4);
    byLength6 = maps(v6);
  }

  private TreeMap<Integer, Map<IpAddress, List<Route>>> index(boolean v6) {
    TreeMap<Integer, Map<IpAddress, List<Route>>> m = new TreeMap<>(Comparator.reverseOrder());
    for (Route r : routes) {
      if (r.prefix().v6() == v6) {
        m.computeIfAbsent(r.length(), k -> new HashMap<>())
            .computeIfAbsent(r.prefix(), k -> new ArrayList<>())
            .add(r);
      }
    }
    m.values()
        .forEach(x -> x.values().forEach(l -> l.sort(Comparator.comparingInt(Route::metric))));
    return m;
  }

  @SuppressWarnings("unchecked")
  private static Map<IpAddress, List<Route>>[] maps(
      TreeMap<Integer, Map<IpAddress, List<Route>>> m) {
    return m.values().toArray(Map[]::new);
  }

  /** The best route to {@code destination} out of {@code nicId} (0: any), or null. */
  Route lookup(IpAddress destination, int nicId) {
    int[] lengths = destination.v6() ? lengths6 : lengths4;
    Map<IpAddress, List<Route>>[] maps = destination.v6() ? byLength6 : byLength4;
    for (int i = 0; i < lengths.length; i++) {
      List<Route> candidates = maps[i].get(destination.masked(lengths[i]));
      if (candidates != null) {
        for (int k = 0; k < candidates.size(); k++) {
          if (nicId == 0 || candidates.get(k).nicId() == nicId) {
            return candidates.get(k);
          }
        }
      }
    }
    return null;
  }

  List<Route> routes() {
    return routes;
  }

  RouteTable with(Route r) {
    List<Route> l = new ArrayList<>(routes);
    if (!l.contains(r)) {
      l.add(r);
    }
    return new RouteTable(l);
  }

  RouteTable without(Route r) {
    List<Route> l = new ArrayList<>(routes);
    l.remove(r);
    return new RouteTable(l);
  }

  RouteTable withoutNic(int nicId) {
    List<Route> l = new ArrayList<>(routes);
    l.removeIf(r -> r.nicId() == nicId);
    return new RouteTable(l);
  }
}
