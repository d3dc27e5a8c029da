package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.NetworkChanges;
import io.loomvisor.kernel.socket.inet.NetworkChanges.Change;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.ip.Route;
import io.loomvisor.net.wire.IpAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * RTM_NEWROUTE and RTM_DELROUTE, of unicast routes with one next hop in the table main; others are
 * refused (EOPNOTSUPP). struct rtmsg: family, lengths of destination and source, TOS, table,
 * protocol, scope, type, flags (4).
 */
final class WayRequests {
  /** IP6_RT_PRIO_USER. */
  private static final int USER_METRIC6 = 1024;

  private static final Set<Integer> KNOWN =
      Set.of(
          NetlinkAbi.RTA_DST,
          NetlinkAbi.RTA_OIF,
          NetlinkAbi.RTA_GATEWAY,
          NetlinkAbi.RTA_PRIORITY,
          NetlinkAbi.RTA_PREFSRC,
          NetlinkAbi.RTA_TABLE,
          NetlinkAbi.RTA_PREF);

  private final IpLayer ip;
  private final NetworkChanges changes;

  WayRequests(IpLayer ip, NetworkChanges changes) {
    this.ip = ip;
    this.changes = changes;
  }

  List<Change> serve(NetlinkRequest r) {
    ByteBuffer b = r.payload();
    Attributes a = Attributes.parse(b, NetlinkAbi.RTMSG_SIZE);
    boolean v6 = r.v6();
    int length = b.get(1) & 0xff;
    IpAddress prefix = a.address(NetlinkAbi.RTA_DST, v6);
    prefix = prefix == null ? IpAddress.any(v6) : prefix;
    if (length > prefix.bits() || !prefix.masked(length).equals(prefix)) {
      throw Errno.EINVAL.exception();
    }
    a.only(KNOWN);
    int table = a.word(NetlinkAbi.RTA_TABLE, b.get(4) & 0xff);
    boolean del = r.type() == NetlinkAbi.RTM_DELROUTE;
    int type = b.get(7) & 0xff;
    boolean plain =
        (table == NetlinkAbi.RT_TABLE_MAIN || table == 0)
            && (type == NetlinkAbi.RTN_UNICAST || del && type == 0)
            && b.get(2) == 0
            && b.get(3) == 0;
    if (!plain) {
      throw Errno.EOPNOTSUPP.exception();
    }
    IpAddress gateway = a.address(NetlinkAbi.RTA_GATEWAY, v6);
    IpAddress source = a.address(NetlinkAbi.RTA_PREFSRC, v6);
    int metric = a.word(NetlinkAbi.RTA_PRIORITY, 0);
    int nic = a.word(NetlinkAbi.RTA_OIF, 0);
    if (del) {
      return changes.removeRoute(
          new NetworkChanges.Pattern(prefix, length, gateway, nic, source, metric));
    }
    boolean onLink = (b.getInt(8) & NetlinkAbi.RTNH_F_ONLINK) != 0;
    int chosen = nic != 0 ? nic : interfaceOf(gateway);
    metric = v6 && metric == 0 ? USER_METRIC6 : metric;
    return changes.addRoute(
        new Route(prefix, length, gateway, chosen, source, metric),
        new NetworkChanges.Mode(
            r.has(NetlinkAbi.NLM_F_CREATE),
            r.has(NetlinkAbi.NLM_F_EXCL),
            r.has(NetlinkAbi.NLM_F_REPLACE),
            onLink));
  }

  /** Where a gateway is: ENODEV without one, ENETUNREACH if it is nowhere. */
  private int interfaceOf(IpAddress gateway) {
    if (gateway == null) {
      throw Errno.ENODEV.exception();
    }
    Path way = ip.path(gateway, null, 0);
    if (way == null) {
      throw (gateway.v6() ? Errno.EHOSTUNREACH : Errno.ENETUNREACH).exception();
    }
    Nic nic = way.nic();
    return nic.id();
  }
}
