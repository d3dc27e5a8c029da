package io.loomvisor.kernel.socket.netlink;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The sockets of one protocol that hear of changes. Any thread. */
public final class NetlinkGroups {
  private final Set<NetlinkSocket> members = ConcurrentHashMap.newKeySet();

  void add(NetlinkSocket socket) {
    members.add(socket);
  }

  void remove(NetlinkSocket socket) {
    members.remove(socket);
  }

  /** Tells all members of group number {@code group}. */
  public void announce(int group, byte[] message) {
    for (NetlinkSocket s : members) {
      s.announce(group, message);
    }
  }
}
