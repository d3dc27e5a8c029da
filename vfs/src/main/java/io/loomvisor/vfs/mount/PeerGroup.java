package io.loomvisor.vfs.mount;

import java.util.ArrayList;
import java.util.List;

/**
 * Mounts that show each other's mounts: what is mounted on or unmounted from one is on all
 * (mount_namespaces(7), SHARED SUBTREES). Changed by the actor of the mounts only, read by any
 * thread.
 */
final class PeerGroup {
  private final int id;
  private volatile List<Mount> members = List.of();

  PeerGroup(int id) {
    this.id = id;
  }

  /** As mountinfo shows it. */
  int id() {
    return id;
  }

  List<Mount> members() {
    return members;
  }

  void add(Mount mount) {
    List<Mount> more = new ArrayList<>(members);
    more.add(mount);
    members = List.copyOf(more);
  }

  void remove(Mount mount) {
    members = members.stream().filter(m -> m != mount).toList();
  }
}
