package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.NetworkChanges;
import io.loomvisor.kernel.socket.inet.NetworkChanges.Change;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.vfs.Credentials;
import java.util.List;

/**
 * NETLINK_ROUTE: answers what is asked, does what is demanded (with CAP_NET_ADMIN), and announces
 * what has changed.
 */
public final class RouteService implements NetlinkService {
  /** The lowest two bits of a type: new, delete, get, set. */
  private static final int KIND_MASK = 3;

  private static final int KIND_GET = 2;

  private final RouteAnswers answers;
  private final LinkRequests links;
  private final AddressRequests addresses;
  private final WayRequests ways;
  private final NeighborRequests neighbors;
  private final NetlinkGroups groups;
  private final boolean changeable;

  /**
   * @param changeable false: who demands a change has no right to it, whoever it is
   */
  public RouteService(
      IpLayer ip, NetworkChanges changes, NetlinkGroups groups, boolean changeable) {
    answers = new RouteAnswers(ip);
    links = new LinkRequests(ip, changes);
    addresses = new AddressRequests(ip, changes);
    ways = new WayRequests(ip, changes);
    neighbors = new NeighborRequests(ip);
    this.groups = groups;
    this.changeable = changeable;
  }

  @Override
  public List<byte[]> answer(NetlinkRequest r) {
    if ((r.type() & KIND_MASK) == KIND_GET) {
      return answers.answer(r);
    }
    if (!changeable || r.sender() == null || !r.sender().has(Credentials.CAP_NET_ADMIN)) {
      throw Errno.EPERM.exception();
    }
    List<Change> done =
        switch (r.type()) {
          case NetlinkAbi.RTM_NEWLINK, NetlinkAbi.RTM_SETLINK, NetlinkAbi.RTM_DELLINK ->
              links.serve(r);
          case NetlinkAbi.RTM_NEWADDR, NetlinkAbi.RTM_DELADDR -> addresses.serve(r);
          case NetlinkAbi.RTM_NEWROUTE, NetlinkAbi.RTM_DELROUTE -> ways.serve(r);
          case NetlinkAbi.RTM_NEWNEIGH, NetlinkAbi.RTM_DELNEIGH -> neighbors.serve(r);
          // Rules, queueing disciplines, name space ids and all the others.
          default -> throw Errno.EOPNOTSUPP.exception();
        };
    announce(done, r);
    return List.of();
  }

  /** As if {@code r} had asked for it. */
  public void announce(List<Change> done, NetlinkRequest r) {
    for (Change c : done) {
      switch (c) {
        case Change.Link l ->
            groups.announce(
                NetlinkAbi.RTNLGRP_LINK,
                RouteMessages.link(told(NetlinkAbi.RTM_NEWLINK, r), l.nic()));
        case Change.Address a -> {
          int type = a.added() ? NetlinkAbi.RTM_NEWADDR : NetlinkAbi.RTM_DELADDR;
          boolean v6 = a.address().address().v6();
          groups.announce(
              v6 ? NetlinkAbi.RTNLGRP_IPV6_IFADDR : NetlinkAbi.RTNLGRP_IPV4_IFADDR,
              RouteMessages.address(told(type, r), a.nic(), a.address()));
        }
        case Change.Way w when w.local() -> {
          // In the table "local", which is not shown either.
        }
        case Change.Way w -> {
          int type = w.added() ? NetlinkAbi.RTM_NEWROUTE : NetlinkAbi.RTM_DELROUTE;
          boolean v6 = w.route().prefix().v6();
          groups.announce(
              v6 ? NetlinkAbi.RTNLGRP_IPV6_ROUTE : NetlinkAbi.RTNLGRP_IPV4_ROUTE,
              RouteMessages.route(told(type, r), w.route()));
        }
      }
    }
  }

  private static MessageWriter told(int type, NetlinkRequest r) {
    return new MessageWriter(type, 0, r.sequence(), r.port());
  }
}
