package io.loomvisor.vfs.mount;

import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Which mounts see what is mounted on others, and the kinds of a mount in that respect: shared,
 * slave, both, private, unbindable (fs/pnode.c). Belongs to the actor of the mounts.
 */
final class Propagation {
  /** How a copy of a mount belongs to it. */
  enum Kind {
    /** In its group, if it is in one, and with its master. */
    PEER,
    /** Gets what it gets. */
    SLAVE,
    /** Likewise, and has a group of its own. */
    SHARED_SLAVE
  }

  /** Group ids in use: Linux gives the lowest that is free. */
  private final BitSet ids = new BitSet();

  Propagation() {
    ids.set(0);
  }

  void makeShared(Mount mount) {
    if (mount.peers() == null) {
      int id = ids.nextClearBit(0);
      ids.set(id);
      join(mount, new PeerGroup(id));
    }
    mount.setUnbindable(false);
  }

  private static void join(Mount mount, PeerGroup group) {
    group.add(mount);
    mount.setPeers(group);
  }

  private static void follow(Mount mount, Mount master) {
    mount.setMaster(master);
    if (master != null) {
      master.slaves().add(mount);
    }
  }

  /** change_mnt_propagation(): what mount(2) is told with one of the MS_ kinds. */
  void change(Mount mount, int kind) {
    if (kind == Mount.MS_SHARED) {
      makeShared(mount);
      return;
    }
    makeSlave(mount);
    if (kind != Mount.MS_SLAVE) {
      leaveMaster(mount);
      mount.setUnbindable(kind == Mount.MS_UNBINDABLE);
    }
  }

  /**
   * It leaves its group and gets what that gets; the last one of a group has what its master gives.
   * Who got from it gets from there now.
   */
  private void makeSlave(Mount mount) {
    PeerGroup group = mount.peers();
    Mount master = mount.master();
    if (group != null) {
      mount.setPeers(null);
      group.remove(mount);
      if (group.members().isEmpty()) {
        ids.clear(group.id());
      } else {
        master =
            group.members().stream()
                .filter(m -> m.root() == mount.root())
                .findFirst()
                .orElse(group.members().getFirst());
      }
    }
    for (Mount slave : List.copyOf(mount.slaves())) {
      mount.slaves().remove(slave);
      follow(slave, master);
    }
    if (master != mount.master()) {
      leaveMaster(mount);
      follow(mount, master);
    }
  }

  private static void leaveMaster(Mount mount) {
    if (mount.master() != null) {
      mount.master().slaves().remove(mount);
      mount.setMaster(null);
    }
  }

  /** A new mount, {@code copy}, is a copy of {@code original}. */
  void relate(Mount original, Mount copy, Kind kind) {
    if (kind == Kind.PEER) {
      if (original.peers() != null) {
        join(copy, original.peers());
      }
      follow(copy, original.master());
      return;
    }
    follow(copy, original);
    if (kind == Kind.SHARED_SLAVE) {
      makeShared(copy);
    }
  }

  /** A mount that gets what is mounted on another, and whose copy its copy is to be. */
  record Receiver(Mount mount, Mount source, Kind kind) {}

  /**
   * Those that get what is mounted at {@code place}, but its own mount, each after the one that it
   * has it from (propagation_next()). Mounts that do not show that dentry get nothing, but others
   * may get it past them.
   */
  static List<Receiver> receivers(VfsPath place) {
    if (place.mount().peers() == null) {
      return List.of();
    }
    List<Receiver> found = new ArrayList<>();
    Set<Mount> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    seen.add(place.mount());
    spread(place.mount(), place.mount(), place.dentry(), seen, found::add);
    return found;
  }

  private static void spread(
      Mount entry, Mount source, Dentry dentry, Set<Mount> seen, Consumer<Receiver> out) {
    boolean first = entry == source;
    List<Mount> group = new ArrayList<>(List.of(entry));
    if (entry.peers() != null) {
      entry.peers().members().stream().filter(m -> m != entry).forEach(group::add);
    }
    Mount inGroup = first ? entry : null;
    for (Mount m : group) {
      seen.add(m);
      if (first && m == entry || !below(dentry, m.root())) {
        continue;
      }
      if (inGroup != null) {
        out.accept(new Receiver(m, inGroup, Kind.PEER));
      } else {
        Kind kind = m.peers() == null ? Kind.SLAVE : Kind.SHARED_SLAVE;
        out.accept(new Receiver(m, source, kind));
        inGroup = m;
      }
    }
    Mount next = inGroup == null ? source : inGroup;
    for (Mount m : group) {
      for (Mount slave : m.slaves()) {
        if (!seen.contains(slave)) {
          spread(slave, next, dentry, seen, out);
        }
      }
    }
  }

  static boolean below(Dentry dentry, Dentry ancestor) {
    for (Dentry d = dentry; d != null; d = d.parent()) {
      if (d == ancestor) {
        return true;
      }
    }
    return false;
  }

  /** The mount leaves: nobody gets anything from it any more. */
  void forget(Mount mount) {
    change(mount, Mount.MS_PRIVATE);
  }
}
