package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.NetworkChanges;
import io.loomvisor.kernel.socket.inet.NetworkChanges.Change;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.wire.IpAddress;
import java.util.List;
import java.util.Set;

/**
 * RTM_NEWADDR and RTM_DELADDR. struct ifaddrmsg: family, prefix length, flags, scope, index (4). An
 * address has no label, no broadcast address and no lifetime of its own; one of a peer is refused.
 */
final class AddressRequests {
  private static final Set<Integer> KNOWN =
      Set.of(
          NetlinkAbi.IFA_ADDRESS,
          NetlinkAbi.IFA_LOCAL,
          NetlinkAbi.IFA_LABEL,
          NetlinkAbi.IFA_BROADCAST,
          NetlinkAbi.IFA_CACHEINFO,
          NetlinkAbi.IFA_FLAGS);

  private final IpLayer ip;
  private final NetworkChanges changes;

  AddressRequests(IpLayer ip, NetworkChanges changes) {
    this.ip = ip;
    this.changes = changes;
  }

  List<Change> serve(NetlinkRequest r) {
    Attributes a = Attributes.parse(r.payload(), NetlinkAbi.IFADDRMSG_SIZE);
    boolean v6 = r.v6();
    IpAddress own = a.address(NetlinkAbi.IFA_LOCAL, v6);
    IpAddress address = a.address(NetlinkAbi.IFA_ADDRESS, v6);
    own = own == null && v6 ? address : own;
    int prefix = r.payload().get(1) & 0xff;
    if (own == null || prefix > own.bits()) {
      throw Errno.EINVAL.exception();
    }
    Nic nic = ip.nic(r.payload().getInt(4));
    if (nic == null) {
      throw Errno.ENODEV.exception();
    }
    if (r.type() == NetlinkAbi.RTM_DELADDR) {
      return changes.removeAddress(nic, own, prefix);
    }
    a.only(KNOWN);
    if (address != null && !address.equals(own)) {
      throw Errno.EOPNOTSUPP.exception();
    }
    int flags = a.word(NetlinkAbi.IFA_FLAGS, r.payload().get(2) & 0xff);
    return changes.addAddress(
        nic,
        own,
        prefix,
        r.has(NetlinkAbi.NLM_F_REPLACE),
        (flags & NetlinkAbi.IFA_F_NOPREFIXROUTE) == 0);
  }
}
