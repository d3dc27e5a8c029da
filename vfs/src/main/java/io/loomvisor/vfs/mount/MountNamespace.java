package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.notify.FileNotice;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A mount tree (mount_namespaces(7)). Changes run in the actor and publish a new immutable table;
 * walks read the table without asking. All mounts are private: nothing propagates. Places given to
 * these methods have been walked to, so they lie in the topmost mount already.
 */
public final class MountNamespace extends Actor {
  /** Mounts allowed in one namespace; Linux: /proc/sys/fs/mount-max. */
  static final int MAX_MOUNTS = 100_000;

  private static final int CHANGEABLE =
      Mount.MS_RDONLY
          | Mount.MS_NOSUID
          | Mount.MS_NODEV
          | Mount.MS_NOEXEC
          | Mount.MS_NOATIME
          | Mount.MS_NODIRATIME
          | Mount.MS_RELATIME
          | Mount.MS_STRICTATIME;
  private static final AtomicInteger NEXT_ID = new AtomicInteger(1);

  private volatile Mount root;
  private volatile MountTable table;

  public MountNamespace(Filesystem rootFilesystem, String source, int flags) {
    super(Rank.MOUNTS);
    root = newMount(rootFilesystem, rootFilesystem.rootDentry(), source, flags, null);
    table = new MountTable(List.of(root));
  }

  private MountNamespace(Mount root, List<Mount> mounts) {
    super(Rank.MOUNTS);
    this.root = root;
    this.table = new MountTable(mounts);
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
    return ask(() -> attach(filesystem, filesystem.rootDentry(), source, flags, place));
  }

  /**
   * mount(2), MS_BIND, with {@code recursive} MS_REC: what is at {@code from} appears at {@code
   * place} too.
   */
  public Mount bind(VfsPath from, VfsPath place, boolean recursive) {
    return ask(
        () -> {
          Mount original = from.mount();
          List<Mount> below = recursive ? submountsUnder(from) : List.of();
          Mount top =
              attach(
                  original.filesystem(), from.dentry(), original.source(), original.flags(), place);
          Map<Mount, Mount> copies = new IdentityHashMap<>();
          copies.put(original, top);
          for (Mount m : below) {
            Mount parent = copies.get(m.mountPoint().mount());
            VfsPath at = new VfsPath(parent, m.mountPoint().dentry());
            copies.put(m, attach(m.filesystem(), m.root(), m.source(), m.flags(), at));
          }
          return top;
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
              ? isBelow(at.dentry(), from.dentry())
              : found.contains(at.mount());
      if (inside) {
        found.add(m);
      }
    }
    return found;
  }

  private static boolean isBelow(Dentry dentry, Dentry ancestor) {
    for (Dentry d = dentry; d != null; d = d.parent()) {
      if (d == ancestor) {
        return true;
      }
    }
    return false;
  }

  /**
   * umount2(2) of the mount whose root is {@code mountRoot}: EINVAL if it is not one or is the root
   * of the tree; EBUSY if it is in use or has mounts on it, unless {@code detach} (MNT_DETACH),
   * which takes those away as well.
   */
  public void unmount(VfsPath mountRoot, boolean detach) {
    List<Mount> unmounted = ask(() -> takeOut(mountRoot, detach));
    for (Mount m : unmounted) {
      if (m.filesystem().countMount(-1) == 0) {
        FileNotice.unmounted(m.filesystem());
      }
    }
  }

  private List<Mount> takeOut(VfsPath mountRoot, boolean detach) {
    Mount mount = mountRoot.mount();
    if (mount.root() != mountRoot.dentry() || !table.inOrder().contains(mount) || mount == root) {
      throw Errno.EINVAL.exception();
    }
    if (!detach && (mount.inUse() || table.hasChildren(mount))) {
      throw Errno.EBUSY.exception();
    }
    List<Mount> gone = table.subtree(mount);
    List<Mount> left = new ArrayList<>(table.inOrder());
    left.removeAll(gone);
    table = new MountTable(left);
    gone.forEach(MountNamespace::detach);
    return gone;
  }

  private static void detach(Mount mount) {
    VfsPath at = mount.mountPoint();
    if (at != null) {
      at.dentry().countMount(-1);
      mount.setMountPoint(null);
    }
  }

  /**
   * mount(2), MS_REMOUNT: replaces the per-mount flags; EINVAL if {@code mountRoot} is not the root
   * of a mount.
   */
  public void remount(VfsPath mountRoot, int flags) {
    ask(
        () -> {
          Mount mount = mountRoot.mount();
          if (mount.root() != mountRoot.dentry()) {
            throw Errno.EINVAL.exception();
          }
          mount.setFlags(mount.flags() & ~CHANGEABLE | flags & CHANGEABLE);
        });
  }

  /**
   * mount(2), MS_MOVE: EINVAL if {@code mountRoot} is no mount or the tree's root, ELOOP if the
   * target is below it.
   */
  public void move(VfsPath mountRoot, VfsPath place) {
    ask(
        () -> {
          Mount mount = mountRoot.mount();
          if (mount.root() != mountRoot.dentry() || mount.mountPoint() == null) {
            throw Errno.EINVAL.exception();
          }
          checkSameKind(mount.root(), place);
          if (table.subtree(mount).contains(place.mount())) {
            throw Errno.ELOOP.exception();
          }
          VfsPath target = table.cross(place);
          detach(mount);
          mount.setMountPoint(target);
          target.dentry().countMount(1);
          table = new MountTable(table.inOrder());
        });
  }

  /**
   * pivot_root(2): {@code newRoot}, the root of a mount, becomes the root of the tree and the old
   * root is attached at {@code putOld}, which lies at or below it.
   */
  public void pivotRoot(VfsPath newRoot, VfsPath putOld) {
    ask(
        () -> {
          Mount mount = newRoot.mount();
          Mount oldRoot = root;
          if (mount.root() != newRoot.dentry() || mount == oldRoot) {
            throw mount == oldRoot ? Errno.EBUSY.exception() : Errno.EINVAL.exception();
          }
          if (!table.subtree(mount).contains(putOld.mount()) || oldRoot.mountPoint() != null) {
            throw Errno.EINVAL.exception();
          }
          detach(mount);
          oldRoot.setMountPoint(putOld);
          putOld.dentry().countMount(1);
          root = mount;
          List<Mount> order = new ArrayList<>(table.inOrder());
          order.remove(mount);
          order.addFirst(mount);
          table = new MountTable(order);
        });
  }

  /** A copy of the tree for CLONE_NEWNS. Mounts are new, file systems and dentries shared. */
  public Copy copy() {
    return ask(
        () -> {
          Map<Mount, Mount> copies = new IdentityHashMap<>();
          for (Mount m : table.inOrder()) {
            copies.put(m, newMount(m.filesystem(), m.root(), m.source(), m.flags(), null));
          }
          List<Mount> order = new ArrayList<>();
          for (Mount m : table.inOrder()) {
            Mount c = copies.get(m);
            VfsPath at = m.mountPoint();
            if (at != null) {
              c.setMountPoint(new VfsPath(copies.get(at.mount()), at.dentry()));
              at.dentry().countMount(1);
            }
            order.add(c);
          }
          return new Copy(new MountNamespace(copies.get(root), order), copies);
        });
  }

  private Mount attach(
      Filesystem filesystem, Dentry fsRoot, String source, int flags, VfsPath place) {
    checkSameKind(fsRoot, place);
    if (table.inOrder().size() >= MAX_MOUNTS) {
      throw Errno.ENOSPC.exception();
    }
    VfsPath target = table.cross(place);
    if (target.dentry().deleted()) {
      throw Errno.ENOENT.exception();
    }
    if (!table.inOrder().contains(target.mount())) {
      throw Errno.EINVAL.exception();
    }
    Mount added = newMount(filesystem, fsRoot, source, flags, target);
    target.dentry().countMount(1);
    List<Mount> order = new ArrayList<>(table.inOrder());
    order.add(added);
    table = new MountTable(order);
    return added;
  }

  /** Directories are mounted on directories, other files on other files (ENOTDIR). */
  private static void checkSameKind(Dentry mounted, VfsPath place) {
    boolean directory = FileMode.isDirectory(mounted.inode().mode());
    if (directory != FileMode.isDirectory(place.inode().mode())) {
      throw Errno.ENOTDIR.exception();
    }
  }

  private static Mount newMount(
      Filesystem filesystem, Dentry fsRoot, String source, int flags, VfsPath at) {
    filesystem.countMount(1);
    return new Mount(NEXT_ID.getAndIncrement(), filesystem, fsRoot, source, flags & CHANGEABLE, at);
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
