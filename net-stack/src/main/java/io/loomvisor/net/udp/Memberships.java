package io.loomvisor.net.udp;

import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.udp.UdpBinding.Membership;
import io.loomvisor.net.wire.IpAddress;
import java.util.HashSet;
import java.util.Set;

/** The groups that one endpoint has joined. Owned by the endpoint's mailbox. */
final class Memberships {
  /** Linux's igmp_max_memberships. */
  private static final int MAX = 20;

  private final IpLayer ip;
  private final UdpOptions options;

  /** Replaced, never changed: lookups read it. */
  private Set<Membership> groups = Set.of();

  Memberships(IpLayer ip, UdpOptions options) {
    this.ip = ip;
    this.options = options;
  }

  Set<Membership> groups() {
    return groups;
  }

  /** 0 or a negative errno. */
  int join(IpAddress group, int nicId) {
    if (!group.isMulticast()) {
      return -Errno.EINVAL;
    }
    Nic nic = interfaceOf(group, nicId);
    if (nic == null) {
      return -Errno.ENODEV;
    }
    Membership m = new Membership(group, nic.id());
    if (groups.contains(m)) {
      return -Errno.EADDRINUSE;
    }
    if (groups.size() >= MAX) {
      return -Errno.ENOBUFS;
    }
    ip.join(nic, group);
    Set<Membership> more = new HashSet<>(groups);
    more.add(m);
    groups = Set.copyOf(more);
    return 0;
  }

  int leave(IpAddress group, int nicId) {
    Nic nic = interfaceOf(group, nicId);
    Membership m = nic == null ? null : new Membership(group, nic.id());
    if (m == null || !groups.contains(m)) {
      return -Errno.EADDRNOTAVAIL;
    }
    Set<Membership> fewer = new HashSet<>(groups);
    fewer.remove(m);
    groups = Set.copyOf(fewer);
    ip.leave(nic, group);
    return 0;
  }

  void leaveAll() {
    for (Membership m : groups) {
      Nic nic = ip.nic(m.nicId());
      if (nic != null) {
        ip.leave(nic, m.group());
      }
    }
    groups = Set.of();
  }

  private Nic interfaceOf(IpAddress group, int nicId) {
    if (nicId != 0) {
      return ip.nic(nicId);
    }
    Path path = ip.path(group, null, options.multicastNic);
    return path == null ? null : path.nic();
  }
}
