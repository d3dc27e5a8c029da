package io.loomvisor.vfs.mount;

import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One state of a mount tree; immutable. */
final class MountTable {
  private final List<Mount> inOrder;
  private final Map<VfsPath, Mount> byPlace = new HashMap<>();

  /** {@code inOrder}: the root mount first, then the others in the order of mounting. */
  MountTable(List<Mount> inOrder) {
    this.inOrder = List.copyOf(inOrder);
    for (Mount m : inOrder) {
      if (m.mountPoint() != null) {
        byPlace.put(m.mountPoint(), m);
      }
    }
  }

  /** What is mounted directly on {@code dentry} as seen through {@code mount}, or null. */
  Mount at(Mount mount, Dentry dentry) {
    return dentry.isMountPoint() ? byPlace.get(new VfsPath(mount, dentry)) : null;
  }

  List<Mount> inOrder() {
    return inOrder;
  }

  /** The topmost root of what is mounted at {@code place}, or {@code place}. */
  VfsPath cross(VfsPath place) {
    VfsPath p = place;
    for (Mount m = at(p.mount(), p.dentry()); m != null; m = at(p.mount(), p.dentry())) {
      p = new VfsPath(m, m.root());
    }
    return p;
  }

  boolean hasChildren(Mount mount) {
    return inOrder.stream()
        .anyMatch(m -> m.mountPoint() != null && m.mountPoint().mount() == mount);
  }

  /** {@code mount} and everything mounted below it, parents before children. */
  List<Mount> subtree(Mount mount) {
    List<Mount> found = new ArrayList<>(List.of(mount));
    for (Mount m : inOrder) {
      if (m != mount && m.mountPoint() != null && found.contains(m.mountPoint().mount())) {
        found.add(m);
      }
    }
    return found;
  }
}
