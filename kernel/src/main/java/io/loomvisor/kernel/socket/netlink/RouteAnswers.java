package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.InterfaceFacts;
import io.loomvisor.net.ip.InterfaceAddress;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.ip.Route;
import io.loomvisor.net.neighbor.NeighborCache;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What RTM_GETLINK and its kin answer, from the stack's snapshots. */
final class RouteAnswers {
  private static final int MAIN_PRIORITY = 32_766;
  private static final int DEFAULT_PRIORITY = 32_767;

  /** By prefix, the longer first, then by metric. */
  private static final Comparator<Route> ORDER =
      Comparator.comparing((Route r) -> r.prefix().v6())
          .thenComparing((Route r) -> r.prefix().hi(), Long::compareUnsigned)
          .thenComparing((Route r) -> r.prefix().lo(), Long::compareUnsigned)
          .thenComparing(Comparator.comparingInt(Route::length).reversed())
          .thenComparingInt(Route::metric);

  private final IpLayer ip;

  RouteAnswers(IpLayer ip) {
    this.ip = ip;
  }

  /** EOPNOTSUPP, ENODEV, EINVAL, ENETUNREACH. */
  List<byte[]> answer(NetlinkRequest r) {
    if (!r.isDump()) {
      return switch (r.type()) {
        case NetlinkAbi.RTM_GETLINK ->
            List.of(RouteMessages.link(r.reply(NetlinkAbi.RTM_NEWLINK), wanted(r.payload())));
        case NetlinkAbi.RTM_GETROUTE -> List.of(way(r));
        default -> throw Errno.EOPNOTSUPP.exception();
      };
    }
    int family = r.payload().hasRemaining() ? r.payload().get(0) & 0xff : 0;
    List<byte[]> all = new ArrayList<>();
    switch (r.type()) {
      case NetlinkAbi.RTM_GETLINK ->
          ip.nics().forEach(n -> all.add(RouteMessages.link(r.reply(NetlinkAbi.RTM_NEWLINK), n)));
      case NetlinkAbi.RTM_GETADDR -> addresses(family, r, all);
      case NetlinkAbi.RTM_GETROUTE -> routes(family, r, all);
      case NetlinkAbi.RTM_GETNEIGH -> neighbors(family, r, all);
      case NetlinkAbi.RTM_GETRULE -> rules(family, r, all);
      default -> throw Errno.EOPNOTSUPP.exception();
    }
    all.add(r.done());
    return all;
  }

  /** By index or by name. */
  private Nic wanted(ByteBuffer payload) {
    Attributes a = Attributes.parse(payload, NetlinkAbi.IFINFOMSG_SIZE);
    int index = payload.getInt(4);
    String name = a.text(NetlinkAbi.IFLA_IFNAME);
    name = name == null ? a.text(NetlinkAbi.IFLA_ALT_IFNAME) : name;
    if (index <= 0 && name == null) {
      throw Errno.EINVAL.exception();
    }
    for (Nic n : ip.nics()) {
      if (index > 0 ? n.id() == index : n.name().equals(name)) {
        return n;
      }
    }
    throw Errno.ENODEV.exception();
  }

  /** "ip route get": the way to one destination. */
  private byte[] way(NetlinkRequest r) {
    Attributes a = Attributes.parse(r.payload(), NetlinkAbi.RTMSG_SIZE);
    boolean v6 = r.v6();
    IpAddress to = a.address(NetlinkAbi.RTA_DST, v6);
    if (to == null) {
      throw Errno.EINVAL.exception();
    }
    Path p = ip.path(to, null, a.word(NetlinkAbi.RTA_OIF, 0));
    if (p == null) {
      throw Errno.ENETUNREACH.exception();
    }
    boolean table = (r.payload().getInt(8) & NetlinkAbi.RTM_F_LOOKUP_TABLE) != 0;
    int uid = r.sender() == null ? 0 : r.sender().euid();
    return RouteMessages.path(r.reply(NetlinkAbi.RTM_NEWROUTE), to, p, ip.isLocal(to), table, uid);
  }

  /** All of IPv4 before all of IPv6 (rtnl_dump_all). */
  private void addresses(int family, NetlinkRequest r, List<byte[]> out) {
    for (boolean v6 : new boolean[] {false, true}) {
      for (Nic n : ip.nics()) {
        for (InterfaceAddress a : n.addresses()) {
          boolean asked = family == 0 || family == RouteMessages.family(a.address());
          if (asked && a.address().v6() == v6) {
            out.add(RouteMessages.address(r.reply(NetlinkAbi.RTM_NEWADDR), n, a));
          }
        }
      }
    }
  }

  /** Of the table main; IPv4's in the order of its trie, IPv6's after them. */
  private void routes(int family, NetlinkRequest r, List<byte[]> out) {
    for (Route way : ip.routes().stream().sorted(ORDER).toList()) {
      Nic nic = ip.nic(way.nicId());
      boolean asked = family == 0 || family == RouteMessages.family(way.prefix());
      boolean own = nic == null || InterfaceFacts.isLocalRoute(nic, way);
      if (asked && !own) {
        out.add(RouteMessages.route(r.reply(NetlinkAbi.RTM_NEWROUTE), way));
      }
    }
  }

  private void neighbors(int family, NetlinkRequest r, List<byte[]> out) {
    for (boolean v6 : new boolean[] {false, true}) {
      for (Nic n : ip.nics()) {
        NeighborCache cache = n.neighbors(v6);
        if (cache != null && (family == 0 || (family == SocketAbi.AF_INET6) == v6)) {
          cache
              .rows()
              .forEach(
                  x -> out.add(RouteMessages.neighbor(r.reply(NetlinkAbi.RTM_NEWNEIGH), n, x)));
        }
      }
    }
  }

  /** The rules that every network has: no others can be made. */
  private static void rules(int family, NetlinkRequest r, List<byte[]> out) {
    for (int f : new int[] {SocketAbi.AF_INET, SocketAbi.AF_INET6}) {
      if (family == 0 || family == f) {
        rule(f, NetlinkAbi.RT_TABLE_LOCAL, 0, r, out);
        rule(f, NetlinkAbi.RT_TABLE_MAIN, MAIN_PRIORITY, r, out);
        if (f == SocketAbi.AF_INET) {
          rule(f, NetlinkAbi.RT_TABLE_DEFAULT, DEFAULT_PRIORITY, r, out);
        }
      }
    }
  }

  private static void rule(
      int family, int table, int priority, NetlinkRequest r, List<byte[]> out) {
    out.add(RouteMessages.rule(r.reply(NetlinkAbi.RTM_NEWRULE), family, table, priority));
  }
}
