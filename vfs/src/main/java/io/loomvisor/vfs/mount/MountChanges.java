package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.Propagation.Kind;
import io.loomvisor.vfs.mount.Propagation.Receiver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The actor that owns a mount tree and all that were copied from it, as mounts propagate from one
 * to the others (Linux: namespace_sem). All methods but {@link #run} are called in it.
 */
final class MountChanges extends Actor {
  /** Mounts allowed in one namespace; Linux: /proc/sys/fs/mount-max. */
  static final int MAX_MOUNTS = 100_000;

  static final int CHANGEABLE =
      Mount.MS_RDONLY
          | Mount.MS_NOSUID
          | Mount.MS_NODEV
          | Mount.MS_NOEXEC
          | Mount.MS_NOATIME
          | Mount.MS_NODIRATIME
          | Mount.MS_RELATIME
          | Mount.MS_STRICTATIME;
  private static final AtomicInteger NEXT_ID = new AtomicInteger(1);

  private final Propagation propagation = new Propagation();

  MountChanges() {
    super(Rank.MOUNTS);
  }

  <R> R run(Supplier<R> change) {
    return ask(change);
  }

  void run(Runnable change) {
    ask(change);
  }

  static Mount create(Filesystem filesystem, Dentry root, String source, int flags) {
    filesystem.countMount(1);
    int id = NEXT_ID.getAndIncrement();
    return new Mount(id, filesystem, root, source, flags & CHANGEABLE, null);
  }

  void setPropagation(Collection<Mount> mounts, int kind) {
    mounts.forEach(m -> propagation.change(m, kind));
  }

  Mount copyOf(Mount original, Dentry root, Kind kind) {
    Mount copy = create(original.filesystem(), root, original.source(), original.flags());
    propagation.relate(original, copy, kind);
    return copy;
  }

  /**
   * A copy of {@code tree}, parents first, whose first mount shows {@code root}.
   *
   * @param unbindableToo else they are left out, with what is mounted on them
   * @param copies gets each original's copy
   */
  List<Mount> copyTree(
      List<Mount> tree, Dentry root, Kind kind, boolean unbindableToo, Map<Mount, Mount> copies) {
    List<Mount> made = new ArrayList<>();
    for (Mount m : tree) {
      boolean top = m == tree.getFirst();
      Mount parent = top ? null : copies.get(m.mountPoint().mount());
      if (!top && (parent == null || m.unbindable() && !unbindableToo)) {
        continue;
      }
      Mount copy = copyOf(m, top ? root : m.root(), kind);
      if (unbindableToo) {
        copy.setUnbindable(m.unbindable());
      }
      if (!top) {
        copy.setMountPoint(new VfsPath(parent, m.mountPoint().dentry()));
      }
      copies.put(m, copy);
      made.add(copy);
    }
    return made;
  }

  /**
   * Attaches {@code tree}, whose mounts are in no namespace yet, at {@code place}, and copies of it
   * where that propagates to (attach_recursive_mnt()).
   */
  void attach(List<Mount> tree, VfsPath place) {
    VfsPath target = place.mount().namespace().table().cross(place);
    checkRoom(tree, target);
    List<Receiver> receivers = Propagation.receivers(target);
    if (target.mount().peers() != null) {
      tree.stream().filter(m -> m.peers() == null).forEach(propagation::makeShared);
    }
    place(tree, target);
    Map<Mount, List<Mount>> made = new IdentityHashMap<>();
    made.put(target.mount(), tree);
    for (Receiver r : receivers) {
      List<Mount> source = made.get(r.source());
      List<Mount> copy =
          copyTree(source, source.getFirst().root(), r.kind(), false, new IdentityHashMap<>());
      made.put(r.mount(), copy);
      place(copy, new VfsPath(r.mount(), target.dentry()));
    }
  }

  /** ENOSPC before anything has changed. */
  private static void checkRoom(List<Mount> tree, VfsPath target) {
    Map<MountNamespace, Integer> more = new IdentityHashMap<>();
    more.merge(target.mount().namespace(), tree.size(), Integer::sum);
    for (Receiver r : Propagation.receivers(target)) {
      more.merge(r.mount().namespace(), tree.size(), Integer::sum);
    }
    more.forEach(
        (namespace, count) -> {
          if (namespace.table().inOrder().size() + count > MAX_MOUNTS) {
            throw Errno.ENOSPC.exception();
          }
        });
  }

  /** What is mounted there already comes to lie on the new one, as with a copy that propagated. */
  private static void place(List<Mount> tree, VfsPath at) {
    MountNamespace namespace = at.mount().namespace();
    Mount covered = namespace.table().at(at.mount(), at.dentry());
    Mount top = tree.getFirst();
    if (covered != null) {
      attachAt(covered, new VfsPath(top, top.root()));
    }
    attachAt(top, at);
    List<Mount> order = new ArrayList<>(namespace.table().inOrder());
    for (Mount m : tree) {
      m.setNamespace(namespace);
      if (m != top) {
        m.mountPoint().dentry().countMount(1);
      }
      order.add(m);
    }
    // As Linux lists them; one that has been moved keeps its place.
    Mount root = namespace.rootMount();
    order.sort((a, b) -> a == root ? -1 : b == root ? 1 : Integer.compare(a.id(), b.id()));
    namespace.publish(order);
  }

  /** Moves {@code mount} from where it is attached to {@code at}. */
  static void attachAt(Mount mount, VfsPath at) {
    detach(mount);
    mount.setMountPoint(at);
    at.dentry().countMount(1);
  }

  static void detach(Mount mount) {
    VfsPath at = mount.mountPoint();
    if (at != null) {
      at.dentry().countMount(-1);
      mount.setMountPoint(null);
    }
  }

  /** Directories are mounted on directories, other files on other files (ENOTDIR). */
  static void checkSameKind(Dentry mounted, VfsPath place) {
    boolean directory = FileMode.isDirectory(mounted.inode().mode());
    if (directory != FileMode.isDirectory(place.inode().mode())) {
      throw Errno.ENOTDIR.exception();
    }
  }

  /** Whether umount2(2) is EBUSY (propagate_mount_busy()). */
  static boolean busy(Mount mount) {
    if (mount.inUse() || mount.namespace().table().hasChildren(mount)) {
      return true;
    }
    for (Receiver r : Propagation.receivers(mount.mountPoint())) {
      Mount child = r.mount().namespace().table().at(r.mount(), mount.mountPoint().dentry());
      if (child != null && bare(child, Set.of()) && child.inUse()) {
        return true;
      }
    }
    return false;
  }

  /** Nothing is mounted on it but {@code going}, and perhaps one mount that covers it whole. */
  private static boolean bare(Mount mount, Set<Mount> going) {
    return mount.namespace().table().children(mount).stream()
        .allMatch(m -> going.contains(m) || m.mountPoint().dentry() == mount.root());
  }

  /** Takes out {@code mounts} and what propagated from them; all that is gone. */
  Collection<Mount> takeOut(List<Mount> mounts) {
    Set<Mount> going = new LinkedHashSet<>(mounts);
    Set<Mount> elsewhere = new LinkedHashSet<>();
    for (Mount m : mounts) {
      for (Receiver r : Propagation.receivers(m.mountPoint())) {
        Mount child = r.mount().namespace().table().at(r.mount(), m.mountPoint().dentry());
        if (child != null && !going.contains(child)) {
          elsewhere.add(child);
        }
      }
    }
    going.addAll(elsewhere);
    while (elsewhere.removeIf(m -> !bare(m, going))) {
      going.retainAll(union(mounts, elsewhere));
    }
    for (Mount m : elsewhere) {
      uncover(m, going);
    }
    remove(going);
    return going;
  }

  private static Set<Mount> union(Collection<Mount> a, Collection<Mount> b) {
    Set<Mount> all = new LinkedHashSet<>(a);
    all.addAll(b);
    return all;
  }

  /** What covers {@code mount} and stays falls down to where that was. */
  private static void uncover(Mount mount, Set<Mount> going) {
    for (Mount m : mount.namespace().table().children(mount)) {
      if (!going.contains(m)) {
        attachAt(m, mount.mountPoint());
      }
    }
  }

  /** They leave their namespaces and propagate no more. */
  void remove(Collection<Mount> going) {
    Map<MountNamespace, List<Mount>> left = new IdentityHashMap<>();
    for (Mount m : going) {
      left.computeIfAbsent(m.namespace(), n -> new ArrayList<>(n.table().inOrder())).remove(m);
    }
    for (Mount m : going) {
      propagation.forget(m);
      detach(m);
      m.setNamespace(null);
    }
    left.forEach(MountNamespace::publish);
  }
}
