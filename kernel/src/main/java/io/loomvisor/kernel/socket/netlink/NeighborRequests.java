package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.NetworkChanges.Change;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.neighbor.NeighborCache;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/**
 * RTM_NEWNEIGH and RTM_DELNEIGH: permanent entries, and ones that are believed for now. struct
 * ndmsg: family, padding (3), index, state (2), flags, type. Nobody is told of neighbours.
 */
final class NeighborRequests {
  private static final int MAC_SIZE = 6;
  private static final Set<Integer> KNOWN = Set.of(NetlinkAbi.NDA_DST, NetlinkAbi.NDA_LLADDR);

  private final IpLayer ip;

  NeighborRequests(IpLayer ip) {
    this.ip = ip;
  }

  List<Change> serve(NetlinkRequest r) {
    ByteBuffer b = r.payload();
    Attributes a = Attributes.parse(b, NetlinkAbi.NDMSG_SIZE);
    boolean v6 = r.v6();
    IpAddress who = a.address(NetlinkAbi.NDA_DST, v6);
    byte[] mac = a.bytes(NetlinkAbi.NDA_LLADDR);
    if (who == null || mac != null && mac.length < MAC_SIZE) {
      throw Errno.EINVAL.exception();
    }
    Nic nic = ip.nic(b.getInt(4));
    if (nic == null) {
      throw Errno.ENODEV.exception();
    }
    NeighborCache cache = nic.neighbors(v6);
    if (cache == null || b.get(10) != 0) {
      // An interface without neighbours; proxies, routers and the like.
      throw Errno.EOPNOTSUPP.exception();
    }
    a.only(KNOWN);
    boolean there = cache.rows().stream().anyMatch(x -> x.address().equals(who));
    if (r.type() == NetlinkAbi.RTM_DELNEIGH) {
      if (!there) {
        throw Errno.ENOENT.exception();
      }
      cache.forget(who);
      return List.of();
    }
    if (there && r.has(NetlinkAbi.NLM_F_EXCL)) {
      throw Errno.EEXIST.exception();
    }
    if (!there && !r.has(NetlinkAbi.NLM_F_CREATE)) {
      throw Errno.ENOENT.exception();
    }
    put(cache, who, mac, b.getShort(8) & 0xffff);
    return List.of();
  }

  private static void put(NeighborCache cache, IpAddress who, byte[] mac, int state) {
    if (mac == null) {
      throw Errno.EINVAL.exception();
    }
    MacAddress at = MacAddress.read(mac, 0);
    switch (state) {
      case NetlinkAbi.NUD_PERMANENT -> cache.permanent(who, at);
      case NetlinkAbi.NUD_STALE -> {
        cache.forget(who);
        cache.asked(who, at);
      }
      case NetlinkAbi.NUD_REACHABLE -> {
        cache.forget(who);
        cache.asked(who, at);
        cache.learned(who, at, true, true);
      }
      default -> throw Errno.EOPNOTSUPP.exception();
    }
  }
}
