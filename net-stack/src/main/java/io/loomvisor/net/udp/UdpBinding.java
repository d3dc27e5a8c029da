package io.loomvisor.net.udp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.wire.IpAddress;
import java.util.Set;

/**
 * What decides whether a datagram is for an endpoint; published anew when it changes.
 *
 * @param local IPv4, IPv6 or unspecified; a group or broadcast address takes only what is sent to
 *     it
 * @param dual an unspecified IPv6 address takes IPv4 as well
 * @param peer whom it is connected to, or null
 * @param groups what it has joined
 * @param allGroups takes every group that the host has joined (IP_MULTICAST_ALL)
 */
record UdpBinding(
    UdpEndpoint endpoint,
    IpAddress local,
    boolean dual,
    IpAddress peer,
    int peerPort,
    int nicId,
    boolean reusePort,
    Set<Membership> groups,
    boolean allGroups) {
  /** A group joined on an interface. */
  record Membership(IpAddress group, int nicId) {}

  /** How well a unicast datagram fits; 0: not at all (net/ipv4/udp.c compute_score). */
  int score(FlowKey f, int nic) {
    if (!family(f) || nicId != 0 && nicId != nic) {
      return 0;
    }
    int s = local.v6() == f.v6 ? 2 : 1;
    if (!local.isUnspecified()) {
      if (local.hi() != f.localHi || local.lo() != f.localLo) {
        return 0;
      }
      s += 4;
    }
    if (peer != null) {
      if (!fromPeer(f)) {
        return 0;
      }
      s += 4;
    }
    return nicId != 0 ? s + 4 : s;
  }

  /** True if a datagram to a group or to all is for this endpoint. */
  boolean takesGroup(FlowKey f, int nic, boolean multicast) {
    if (!family(f) || nicId != 0 && nicId != nic || peer != null && !fromPeer(f)) {
      return false;
    }
    if (!local.isUnspecified() && (local.hi() != f.localHi || local.lo() != f.localLo)) {
      return false;
    }
    return !multicast || allGroups || groups.contains(new Membership(f.local(), nic));
  }

  private boolean family(FlowKey f) {
    return local.v6() == f.v6 || dual && !f.v6;
  }

  private boolean fromPeer(FlowKey f) {
    return peer.v6() == f.v6
        && peer.hi() == f.remoteHi
        && peer.lo() == f.remoteLo
        && peerPort == f.remotePort;
  }
}
