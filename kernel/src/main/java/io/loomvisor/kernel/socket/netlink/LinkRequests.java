package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.NetworkChanges;
import io.loomvisor.kernel.socket.inet.NetworkChanges.Change;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * RTM_NEWLINK and RTM_SETLINK of interfaces that there are: up and down, MTU, name. None can be
 * made or taken away: EOPNOTSUPP, as on a kernel without any kind (rtnl_newlink). Flags other than
 * IFF_UP are not kept. struct ifinfomsg: family, type (2), index, flags, change.
 */
final class LinkRequests {
  private static final int IFF_UP = 1;

  /** What may come along: name, MTU, the mask of a reply, and the kind, for its own error. */
  private static final Set<Integer> KNOWN =
      Set.of(
          NetlinkAbi.IFLA_IFNAME,
          NetlinkAbi.IFLA_MTU,
          NetlinkAbi.IFLA_GROUP,
          NetlinkAbi.IFLA_EXT_MASK,
          NetlinkAbi.IFLA_ALT_IFNAME);

  private final IpLayer ip;
  private final NetworkChanges changes;

  LinkRequests(IpLayer ip, NetworkChanges changes) {
    this.ip = ip;
    this.changes = changes;
  }

  List<Change> serve(NetlinkRequest r) {
    Attributes a = Attributes.parse(r.payload(), NetlinkAbi.IFINFOMSG_SIZE);
    int index = r.payload().getInt(4);
    Nic nic = find(index, a);
    if (r.type() == NetlinkAbi.RTM_DELLINK) {
      throw (nic == null ? Errno.ENODEV : Errno.EOPNOTSUPP).exception();
    }
    boolean creates = r.type() == NetlinkAbi.RTM_NEWLINK && r.has(NetlinkAbi.NLM_F_CREATE);
    if (nic == null) {
      throw (creates ? Errno.EOPNOTSUPP : Errno.ENODEV).exception();
    }
    if (creates && r.has(NetlinkAbi.NLM_F_EXCL)) {
      throw Errno.EEXIST.exception();
    }
    a.only(KNOWN);
    if (a.word(NetlinkAbi.IFLA_GROUP, 0) != 0) {
      throw Errno.EOPNOTSUPP.exception();
    }
    return change(nic, index, a, r.payload().getInt(8), r.payload().getInt(12));
  }

  private List<Change> change(Nic nic, int index, Attributes a, int flags, int mask) {
    List<Change> done = new ArrayList<>();
    if (a.has(NetlinkAbi.IFLA_MTU)) {
      done.addAll(changes.setMtu(nic, a.word(NetlinkAbi.IFLA_MTU, 0)));
    }
    // With an index the name is a new one.
    if (index > 0 && a.has(NetlinkAbi.IFLA_IFNAME)) {
      done.addAll(changes.rename(nic, a.text(NetlinkAbi.IFLA_IFNAME)));
    }
    if (flags != 0 || mask != 0) {
      int changed = mask == 0 ? -1 : mask;
      if ((changed & IFF_UP) != 0) {
        done.addAll(changes.setUp(nic, (flags & IFF_UP) != 0));
      }
    }
    return done;
  }

  private Nic find(int index, Attributes a) {
    if (index > 0) {
      return ip.nic(index);
    }
    String name = a.text(NetlinkAbi.IFLA_IFNAME);
    return ip.nics().stream().filter(n -> n.name().equals(name)).findFirst().orElse(null);
  }
}
