package io.loomvisor.net.ip;

import io.loomvisor.net.wire.IpAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The routes of a host, and the choice of interface, next hop and own address for a destination.
 * Any thread may call; a look sees one snapshot of the table.
 */
final class Routing {
  private final IpLayer ip;
  private final PathMtus mtus;
  private final AtomicReference<RouteTable> table = new AtomicReference<>(RouteTable.EMPTY);

  Routing(IpLayer ip, PathMtus mtus) {
    this.ip = ip;
    this.mtus = mtus;
  }

  void add(Route r) {
    table.updateAndGet(t -> t.with(r));
  }

  void remove(Route r) {
    table.updateAndGet(t -> t.without(r));
  }

  void removeAllOf(Nic nic) {
    table.updateAndGet(t -> t.withoutNic(nic.id()));
  }

  void clear() {
    table.set(RouteTable.EMPTY);
  }

  List<Route> routes() {
    return table.get().routes();
  }

  /** As {@link IpLayer#path}. */
  Path path(IpAddress destination, IpAddress source, int nicId) {
    if (ip.isLocal(destination)) {
      Nic lo = loopback();
      return lo == null
          ? null
          : new Path(lo, destination, source == null ? destination : source, lo.mtu(), false);
    }
    if (destination.isMulticast() || destination.isLimitedBroadcast()) {
      return groupPath(destination, source, nicId);
    }
    Route r = table.get().lookup(destination, nicId);
    Nic nic = r == null ? null : ip.nic(r.nicId());
    if (nic == null) {
      return null;
    }
    IpAddress hop = r.gateway() == null ? destination : r.gateway();
    IpAddress from =
        source != null ? source : r.source() != null ? r.source() : sourceOn(nic, hop, destination);
    if (from == null) {
      return null;
    }
    return new Path(nic, hop, from, mtus.get(destination, nic.mtu()), nic.isBroadcast(destination));
  }

  private Path groupPath(IpAddress group, IpAddress source, int nicId) {
    Nic nic = nicId != 0 ? ip.nic(nicId) : source != null ? ip.owner(source) : null;
    if (nic == null) {
      Route r = table.get().lookup(group, 0);
      nic =
          r != null
              ? ip.nic(r.nicId())
              : ip.nics().stream().filter(n -> !n.isLoopback()).findFirst().orElse(null);
    }
    if (nic == null) {
      return null;
    }
    IpAddress from = source != null ? source : sourceOn(nic, group);
    return from == null ? null : new Path(nic, group, from, nic.mtu(), group.isLimitedBroadcast());
  }

  private Nic loopback() {
    for (Nic n : ip.nics()) {
      if (n.isLoopback()) {
        return n;
      }
    }
    return null;
  }

  private IpAddress sourceOn(Nic nic, IpAddress hop, IpAddress destination) {
    IpAddress s = sourceOn(nic, hop.v6() || hop.isLinkLocal() ? destination : hop);
    if (s != null || hop.v6()) {
      return s;
    }
    // An unnumbered interface borrows an address of another one (RFC 1812 section 2.2.7).
    for (Nic n : ip.nics()) {
      s = n.isLoopback() ? null : sourceOn(n, destination);
      if (s != null) {
        return s;
      }
    }
    return null;
  }

  /** As {@link IpLayer#sourceOn}. */
  IpAddress sourceOn(Nic nic, IpAddress destination) {
    if (destination.v6()) {
      return SourceSelection.select(nic, ip.nics(), destination);
    }
    InterfaceAddress best = null;
    for (InterfaceAddress a : nic.addresses()) {
      if (!a.address().v6()
          && (best == null || score4(a, destination) > score4(best, destination))) {
        best = a;
      }
    }
    return best == null ? null : best.address();
  }

  private static int score4(InterfaceAddress a, IpAddress destination) {
    int s = a.address().isLinkLocal() == destination.isLinkLocal() ? 1000 : 0;
    int common = Long.numberOfLeadingZeros(a.address().lo() ^ destination.lo());
    return s + common + (a.onLink(destination) ? 200 : 0);
  }
}
