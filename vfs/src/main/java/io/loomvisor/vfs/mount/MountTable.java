package io.loomvisor.vfs.mount;

import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One state of a mount tree; immutable. */
final class MountTable {
  private final List<Mount> inOrder;
  private final Map<VfsPath, Mount> byPlace = new HashMap<>();
  private final Map<Mount, List<Mount>> byParent = new HashMap<>();

  /** {@code inOrder}: the root mount first, then the others in the order of mounting. */
  MountTable(List<Mount> inOrder) {
    this.inOrder = List.copyOf(inOrder);
    for (Mount m : inOrder) {
      if (m.mountPoint() != null) {
        byPlace.put(m.mountPoint(), m);
        byParent.computeIfAbsent(m.mountPoint().mount(), p -> new ArrayList<>()).add(m);
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
    return byParent.containsKey(mount);
  }

  /** What is mounted on {@code mount} itself, in the order of mounting. */
  List<Mount> children(Mount mount) {
    return byParent.getOrDefault(mount, List.of());
  }

  /** {@code mount} and everything mounted below it, each before what is mounted on it. */
  List<Mount> subtree(Mount mount) {
    List<Mount> found = new ArrayList<>();
    ArrayDeque<Mount> open = new ArrayDeque<>(List.of(mount));
    while (!open.isEmpty()) {
      Mount next = open.pop();
      found.add(next);
      children(next).reversed().forEach(open::push);
    }
    return found;
  }
}
