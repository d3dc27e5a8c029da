package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.Propagation.Kind;
import io.loomvisor.vfs.notify.FileNotice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A mount tree (mount_namespaces(7)). Changes run in the actor {@link MountChanges}, which it
 * shares with the trees that it was copied from or that were copied from it, and publish a new
 * immutable table; walks read the table without asking. Mounts are private until they are made
 * shared. Places given to these methods have been walked to, so they lie in the topmost mount
 * already.
 */
public final class MountNamespace {
  private final MountChanges changes;
  private volatile Mount root;
  private volatile MountTable table;

  /** Who sees it; the first tree of all has no count and never ends. */
  private final AtomicInteger users;

  public MountNamespace(Filesystem rootFilesystem, String source, int flags) {
    changes = new MountChanges();
    users = null;
    root = MountChanges.create(rootFilesystem, rootFilesystem.rootDentry(), source, flags);
    root.setNamespace(this);
    table = new MountTable(List.of(root));
  }

  private MountNamespace(MountChanges changes, Mount root, List<Mount> mounts) {
    this.changes = changes;
    this.users = new AtomicInteger();
    this.root = root;
    this.table = new MountTable(mounts);
    mounts.forEach(m -> m.setNamespace(this));
  }

  /** Somebody more sees it. */
  public void retain() {
    if (users != null) {
      users.incrementAndGet();
    }
  }

  /** Somebody sees it no more; with the last one its mounts go. */
  public void release() {
    if (users != null && users.decrementAndGet() == 0) {
      List<Mount> gone =
          changes.run(
              () -> {
                List<Mount> all = table.inOrder();
                changes.remove(all);
                return all;
              });
      tell(gone);
    }
  }

  MountTable table() {
    return table;
  }

  void publish(List<Mount> inOrder) {
    table = new MountTable(inOrder);
  }

  public Mount rootMount() {
    return root;
  }

  /** The root directory of the tree: the topmost, if something is mounted over it. */
  public VfsPath root() {
    Mount r = root;
    return table.cross(new VfsPath(r, r.root()));
  }

  /** All mounts, in the order of mounting, for /proc/PID/mounts and mountinfo. */
  public List<Mount> mounts() {
    return table.inOrder();
  }

  /** What is mounted on {@code dentry} seen through {@code mount}, or null. */
  public Mount mountAt(Mount mount, Dentry dentry) {
    return table.at(mount, dentry);
  }

  /** The place itself, or the topmost root mounted over it. */
  public VfsPath cross(VfsPath place) {
    return table.cross(place);
  }

  /** Whether something is mounted on {@code dentry} in this namespace, through whichever mount. */
  public boolean isMountPoint(Dentry dentry) {
    return dentry.isMountPoint()
        && table.inOrder().stream()
            .anyMatch(m -> m.mountPoint() != null && m.mountPoint().dentry() == dentry);
  }

  /**
   * mount(2): attaches the root of {@code filesystem} at {@code place}, over what is mounted there
   * already.
   */
  public Mount mount(Filesystem filesystem, String source, VfsPath place, int flags) {
    return changes.run(
        () -> {
          checkPlace(filesystem.rootDentry(), place);
          Mount added = MountChanges.create(filesystem, filesystem.rootDentry(), source, flags);
          changes.attach(List.of(added), place);
          return added;
        });
  }

  /**
   * mount(2), MS_BIND, with {@code recursive} MS_REC: what is at {@code from} appears at {@code
   * place} too. EINVAL if it is unbindable.
   */
  public Mount bind(VfsPath from, VfsPath place, boolean recursive) {
    return changes.run(
        () -> {
          if (from.mount().unbindable()) {
            throw Errno.EINVAL.exception();
          }
          checkPlace(from.dentry(), place);
          List<Mount> tree = new ArrayList<>(List.of(from.mount()));
          if (recursive) {
            tree.addAll(submountsUnder(from));
          }
          List<Mount> copy =
              changes.copyTree(tree, from.dentry(), Kind.PEER, false, new IdentityHashMap<>());
          changes.attach(copy, place);
          return copy.getFirst();
        });
  }

  /** Mounts below {@code from} whose mount points lie under its dentry, parents first. */
  private List<Mount> submountsUnder(VfsPath from) {
    List<Mount> found = new ArrayList<>();
    for (Mount m : table.subtree(from.mount())) {
      VfsPath at = m.mountPoint();
      if (m == from.mount() || at == null) {
        continue;
      }
      boolean inside =
          at.mount() == from.mount()
              ? Propagation.below(at.dentry(), from.dentry())
              : found.contains(at.mount());
      if (inside) {
        found.add(m);
      }
    }
    return found;
  }

  private void checkPlace(Dentry mounted, VfsPath place) {
    MountChanges.checkSameKind(mounted, place);
    VfsPath target = table.cross(place);
    if (target.dentry().deleted()) {
      throw Errno.ENOENT.exception();
    }
    if (target.mount().namespace() != this) {
      throw Errno.EINVAL.exception();
    }
  }

  /**
   * umount2(2) of the mount whose root is {@code mountRoot}: EINVAL if it is not one or is the root
   * of the tree; EBUSY if it is in use or has mounts on it, unless {@code detach} (MNT_DETACH),
   * which takes those away as well.
   */
  public void unmount(VfsPath mountRoot, boolean detach) {
    tell(changes.run(() -> takeOut(mountRoot, detach)));
  }

  private Collection<Mount> takeOut(VfsPath mountRoot, boolean detach) {
    Mount mount = mountRoot.mount();
    if (mount.root() != mountRoot.dentry() || mount.namespace() != this || mount == root) {
      throw Errno.EINVAL.exception();
    }
    if (!detach && MountChanges.busy(mount)) {
      throw Errno.EBUSY.exception();
    }
    return changes.takeOut(table.subtree(mount));
  }

  private static void tell(Collection<Mount> unmounted) {
    for (Mount m : unmounted) {
      if (m.filesystem().countMount(-1) == 0) {
        FileNotice.unmounted(m.filesystem());
        if (!m.inUse()) { // as it may be after MNT_DETACH
          m.filesystem().end();
        }
      }
    }
  }

  /**
   * mount(2), MS_REMOUNT: replaces the per-mount flags; EINVAL if {@code mountRoot} is not the root
   * of a mount.
   */
  public void remount(VfsPath mountRoot, int flags) {
    changes.run(
        () -> {
          Mount mount = mountRoot.mount();
          if (mount.root() != mountRoot.dentry()) {
            throw Errno.EINVAL.exception();
          }
          mount.setFlags(
              mount.flags() & ~MountChanges.CHANGEABLE | flags & MountChanges.CHANGEABLE);
        });
  }

  /**
   * mount(2), MS_SHARED, MS_PRIVATE, MS_SLAVE or MS_UNBINDABLE, with {@code recursive} of all
   * mounts below too: EINVAL if {@code mountRoot} is not the root of a mount of this tree.
   */
  public void setPropagation(VfsPath mountRoot, int kind, boolean recursive) {
    changes.run(
        () -> {
          Mount mount = mountRoot.mount();
          if (mount.root() != mountRoot.dentry() || mount.namespace() != this) {
            throw Errno.EINVAL.exception();
          }
          changes.setPropagation(recursive ? table.subtree(mount) : List.of(mount), kind);
        });
  }

  /**
   * mount(2), MS_MOVE: EINVAL if {@code mountRoot} is no mount or the tree's root, if it lies on a
   * shared mount, or if the target is shared and something in the tree unbindable; ELOOP if the
   * target is below it.
   */
  public void move(VfsPath mountRoot, VfsPath place) {
    changes.run(
        () -> {
          Mount mount = mountRoot.mount();
          if (mount.root() != mountRoot.dentry() || mount.mountPoint() == null) {
            throw Errno.EINVAL.exception();
          }
          MountChanges.checkSameKind(mount.root(), place);
          List<Mount> tree = table.subtree(mount);
          VfsPath target = table.cross(place);
          if (mount.mountPoint().mount().peers() != null
              || target.mount().peers() != null && tree.stream().anyMatch(Mount::unbindable)) {
            throw Errno.EINVAL.exception();
          }
          if (tree.contains(place.mount())) {
            throw Errno.ELOOP.exception();
          }
          moveTo(tree, target);
        });
  }

  private void moveTo(List<Mount> tree, VfsPath target) {
    for (Mount m : tree) {
      if (m != tree.getFirst()) {
        m.mountPoint().dentry().countMount(-1); // attaching counts it
      }
    }
    MountChanges.detach(tree.getFirst());
    List<Mount> left = new ArrayList<>(table.inOrder());
    left.removeAll(tree);
    publish(left);
    changes.attach(tree, target);
  }

  /**
   * pivot_root(2): {@code newRoot}, the root of a mount, becomes the root of the tree and the old
   * root is attached at {@code putOld}, which lies at or below it. EINVAL if one of the mounts that
   * this concerns is shared.
   */
  public void pivotRoot(VfsPath newRoot, VfsPath putOld) {
    changes.run(
        () -> {
          Mount mount = newRoot.mount();
          Mount oldRoot = root;
          VfsPath at = mount.mountPoint();
          if (putOld.mount().peers() != null || at != null && at.mount().peers() != null) {
            throw Errno.EINVAL.exception();
          }
          if (mount.root() != newRoot.dentry() || mount == oldRoot) {
            throw mount == oldRoot ? Errno.EBUSY.exception() : Errno.EINVAL.exception();
          }
          if (!table.subtree(mount).contains(putOld.mount()) || oldRoot.mountPoint() != null) {
            throw Errno.EINVAL.exception();
          }
          MountChanges.detach(mount);
          MountChanges.attachAt(oldRoot, putOld);
          root = mount;
          List<Mount> order = new ArrayList<>(table.inOrder());
          order.remove(mount);
          order.addFirst(mount);
          publish(order);
        });
  }

  /**
   * A copy of the tree for CLONE_NEWNS. Mounts are new, file systems and dentries shared; each copy
   * propagates as its original does.
   */
  public Copy copy() {
    return changes.run(
        () -> {
          Map<Mount, Mount> copies = new IdentityHashMap<>();
          List<Mount> made = changes.copyTree(parentsFirst(), root.root(), Kind.PEER, true, copies);
          made.stream()
              .filter(m -> m.mountPoint() != null)
              .forEach(m -> m.mountPoint().dentry().countMount(1));
          return new Copy(new MountNamespace(changes, copies.get(root), made), copies);
        });
  }

  private List<Mount> parentsFirst() {
    return table.subtree(root);
  }

  /** A copied tree, and how to find in it what one held in the original. */
  public static final class Copy {
    private final MountNamespace namespace;
    private final Map<Mount, Mount> copies;

    private Copy(MountNamespace namespace, Map<Mount, Mount> copies) {
      this.namespace = namespace;
      this.copies = copies;
    }

    public MountNamespace namespace() {
      return namespace;
    }

    /** The same place in the copy; itself if its mount was not part of the original. */
    public VfsPath translate(VfsPath place) {
      Mount m = copies.get(place.mount());
      return m == null ? place : new VfsPath(m, place.dentry());
    }
  }
}
