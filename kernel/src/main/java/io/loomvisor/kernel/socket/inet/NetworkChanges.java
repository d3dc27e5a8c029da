package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.ip.InterfaceAddress;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.ip.Route;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayList;
import java.util.List;

/**
 * What the application changes of interfaces, addresses and routes, one change at a time (as under
 * Linux's rtnl_mutex), so that what has been checked still holds when it is done. Each method
 * returns what there is to be told of.
 */
public final class NetworkChanges extends Actor {
  /** What happened. */
  public sealed interface Change {
    record Link(Nic nic) implements Change {}

    record Address(Nic nic, InterfaceAddress address, boolean added) implements Change {}

    /**
     * @param local in the table "local"
     */
    record Way(Route route, boolean added, boolean local) implements Change {}
  }

  /** IP6_RT_PRIO_ADDRCONF: of the routes that an address brings along. */
  private static final int ADDRESS_METRIC6 = 256;

  private static final int LOOPBACK_PREFIX = 8;
  private static final int LINK_LOCAL_PREFIX = 64;
  private static final long LINK_LOCAL = 0xfe80_0000_0000_0000L;
  private static final int MIN_MTU = 68;
  private static final int NAME_MAX = 15;

  private final IpLayer ip;

  public NetworkChanges(IpLayer ip) {
    super(Rank.ENDPOINT);
    this.ip = ip;
  }

  private Change.Way way(Route r, boolean added) {
    Nic nic = ip.nic(r.nicId());
    return new Change.Way(r, added, nic != null && InterfaceFacts.isLocalRoute(nic, r));
  }

  // Interfaces

  /** Up: with the routes of its addresses; down: without any (fib_disable_ip, addrconf_ifdown). */
  public List<Change> setUp(Nic nic, boolean up) {
    return ask(
        () -> {
          List<Change> done = new ArrayList<>();
          if (nic.isUp() == up) {
            return done;
          }
          if (!up) {
            ip.routes().stream()
                .filter(r -> r.nicId() == nic.id())
                .forEach(r -> done.add(way(r, false)));
            for (InterfaceAddress a : nic.addresses()) {
              if (a.address().v6()) {
                ip.removeAddressOnly(nic, a.address());
                done.add(new Change.Address(nic, a, false));
              }
            }
            ip.setUp(nic, false);
            done.addFirst(new Change.Link(nic));
            return done;
          }
          ip.setUp(nic, true);
          done.add(new Change.Link(nic));
          bringUp(nic, done);
          return done;
        });
  }

  private void bringUp(Nic nic, List<Change> done) {
    for (InterfaceAddress a : nic.addresses()) {
      addRouteOf(nic, a, done);
    }
    if (nic.isLoopback()) {
      if (nic.addresses().isEmpty()) {
        add(nic, IpAddress.LOOPBACK4, LOOPBACK_PREFIX, true, done);
      }
      add(nic, IpAddress.LOOPBACK6, IpAddress.LOOPBACK6.bits(), true, done);
    } else if (nic.mac() != null) {
      IpAddress own = IpAddress.v6(LINK_LOCAL, nic.mac().interfaceIdentifier());
      add(nic, own, LINK_LOCAL_PREFIX, true, done);
    }
  }

  /** EINVAL: not between 68 and what the link carries. */
  public List<Change> setMtu(Nic nic, int mtu) {
    return ask(
        () -> {
          boolean tooMuch = !nic.isLoopback() && mtu > nic.link().mtu();
          if (mtu < (nic.isLoopback() ? 0 : MIN_MTU) || tooMuch) {
            throw Errno.EINVAL.exception();
          }
          ip.setMtu(nic, mtu);
          return List.of(new Change.Link(nic));
        });
  }

  /** EINVAL, EEXIST; EBUSY while it is up. */
  public List<Change> rename(Nic nic, String name) {
    return ask(
        () -> {
          if (name.equals(nic.name())) {
            return List.of();
          }
          boolean sound =
              !name.isEmpty()
                  && name.length() <= NAME_MAX
                  && !name.equals(".")
                  && !name.equals("..")
                  && name.chars().noneMatch(c -> c == '/' || c == ':' || Character.isWhitespace(c));
          if (!sound) {
            throw Errno.EINVAL.exception();
          }
          if (nic.isUp()) {
            throw Errno.EBUSY.exception();
          }
          if (ip.nics().stream().anyMatch(n -> n.name().equals(name))) {
            throw Errno.EEXIST.exception();
          }
          ip.rename(nic, name);
          return List.of(new Change.Link(nic));
        });
  }

  // Addresses

  /**
   * Gives an interface an address and the route to its prefix.
   *
   * @param replace one that is there already is no error
   * @param route whether its prefix is on link
   */
  public List<Change> addAddress(
      Nic nic, IpAddress address, int prefix, boolean replace, boolean route) {
    return ask(
        () -> {
          boolean there = nic.addresses().stream().anyMatch(a -> a.address().equals(address));
          if (there && !replace) {
            throw Errno.EEXIST.exception();
          }
          if (address.isMulticast() || address.isUnspecified()) {
            throw Errno.EINVAL.exception();
          }
          List<Change> done = new ArrayList<>();
          add(nic, address, prefix, route, done);
          return done;
        });
  }

  private void add(Nic nic, IpAddress address, int prefix, boolean route, List<Change> done) {
    ip.addAddressOnly(nic, address, prefix);
    InterfaceAddress a = new InterfaceAddress(address, prefix, InterfaceAddress.State.PREFERRED);
    done.add(new Change.Address(nic, a, true));
    if (route) {
      addRouteOf(nic, a, done);
    }
  }

  /** fib_add_ifaddr, addrconf_prefix_route. */
  private void addRouteOf(Nic nic, InterfaceAddress a, List<Change> done) {
    IpAddress address = a.address();
    if (!nic.isUp() || a.prefixLength() == address.bits()) {
      return;
    }
    Route r = routeOf(nic, a);
    ip.addRoute(r);
    done.add(way(r, true));
  }

  private static Route routeOf(Nic nic, InterfaceAddress a) {
    IpAddress address = a.address();
    IpAddress prefix = address.masked(a.prefixLength());
    return address.v6()
        ? new Route(prefix, a.prefixLength(), null, nic.id(), null, ADDRESS_METRIC6)
        : new Route(prefix, a.prefixLength(), null, nic.id(), address, 0);
  }

  /** EADDRNOTAVAIL if it is not there. Routes that leave from it go with it. */
  public List<Change> removeAddress(Nic nic, IpAddress address, int prefix) {
    return ask(
        () -> {
          InterfaceAddress a =
              nic.addresses().stream()
                  .filter(x -> x.address().equals(address) && x.prefixLength() == prefix)
                  .findFirst()
                  .orElseThrow(Errno.EADDRNOTAVAIL::exception);
          List<Change> done = new ArrayList<>();
          boolean shared =
              nic.addresses().stream()
                  .anyMatch(x -> !x.equals(a) && x.address().v6() && x.onLink(address));
          for (Route r : ip.routes()) {
            boolean its =
                r.nicId() == nic.id()
                    && r.gateway() == null
                    && r.length() == prefix
                    && r.prefix().equals(address.masked(prefix))
                    && (r.source() == null ? !shared : r.source().equals(address));
            if (its || address.equals(r.source())) {
              ip.removeRoute(r);
              done.add(way(r, false));
            }
          }
          ip.removeAddressOnly(nic, address);
          done.add(new Change.Address(nic, a, false));
          return done;
        });
  }

  // Routes

  /** How a route is to be added. */
  public record Mode(boolean create, boolean exclusive, boolean replace, boolean onLink) {}

  /**
   * Adds a route (fib_create_info, fib_table_insert): ENETDOWN, ENETUNREACH if its gateway is not
   * on link, EINVAL, EEXIST, ENOENT.
   */
  public List<Change> addRoute(Route r, Mode mode) {
    return ask(
        () -> {
          check(r, mode);
          List<Route> same = ip.routes().stream().filter(x -> sameKey(x, r)).toList();
          if (!same.isEmpty() && mode.exclusive || same.contains(r) && !mode.replace) {
            throw Errno.EEXIST.exception();
          }
          if (same.isEmpty() && !mode.create) {
            throw Errno.ENOENT.exception();
          }
          List<Change> done = new ArrayList<>();
          if (mode.replace && !same.isEmpty()) {
            ip.removeRoute(same.getFirst());
            done.add(way(same.getFirst(), false));
          }
          ip.addRoute(r);
          done.add(way(r, true));
          return done;
        });
  }

  private static boolean sameKey(Route a, Route b) {
    return a.prefix().equals(b.prefix()) && a.length() == b.length() && a.metric() == b.metric();
  }

  private void check(Route r, Mode mode) {
    Nic nic = ip.nic(r.nicId());
    if (nic == null) {
      throw Errno.ENODEV.exception();
    }
    if (!nic.isUp()) {
      throw Errno.ENETDOWN.exception();
    }
    if (r.source() != null && !ip.isLocal(r.source())) {
      throw Errno.EINVAL.exception();
    }
    if (r.gateway() == null) {
      return;
    }
    if (ip.isLocal(r.gateway()) && !nic.isLoopback()) {
      throw Errno.EINVAL.exception();
    }
    boolean linkLocal = r.gateway().v6() && r.gateway().isLinkLocal();
    Path way = mode.onLink || linkLocal ? null : ip.path(r.gateway(), null, nic.id());
    boolean reached = way != null && way.nextHop().equals(r.gateway());
    if (!mode.onLink && !linkLocal && !reached) {
      throw (r.gateway().v6() ? Errno.EHOSTUNREACH : Errno.ENETUNREACH).exception();
    }
  }

  /** What of a route to remove must match; null, 0 and -1 do not matter. */
  public record Pattern(
      IpAddress prefix, int length, IpAddress gateway, int nicId, IpAddress source, int metric) {
    boolean matches(Route r) {
      return r.prefix().equals(prefix)
          && r.length() == length
          && (gateway == null || gateway.equals(r.gateway()))
          && (nicId == 0 || nicId == r.nicId())
          && (source == null || source.equals(r.source()))
          && (metric == 0 || metric == r.metric());
    }
  }

  /** The first that matches; ESRCH if none does. */
  public List<Change> removeRoute(Pattern p) {
    return ask(
        () -> {
          Route r =
              ip.routes().stream()
                  .filter(p::matches)
                  .findFirst()
                  .orElseThrow(Errno.ESRCH::exception);
          ip.removeRoute(r);
          return List.of(way(r, false));
        });
  }
}
