package io.loomvisor.vfs.mount;

import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file system, or a part of one (bind), attached at a place in the tree. Changed only by its
 * namespace's actor.
 */
public final class Mount {
  public static final int MS_RDONLY = 1;
  public static final int MS_NOSUID = 2;
  public static final int MS_NODEV = 4;
  public static final int MS_NOEXEC = 8;
  public static final int MS_NOATIME = 1024;
  public static final int MS_NODIRATIME = 2048;
  public static final int MS_UNBINDABLE = 1 << 17;
  public static final int MS_PRIVATE = 1 << 18;
  public static final int MS_SLAVE = 1 << 19;
  public static final int MS_SHARED = 1 << 20;
  public static final int MS_RELATIME = 1 << 21;
  public static final int MS_STRICTATIME = 1 << 24;

  private final int id;
  private final Filesystem filesystem;
  private final Dentry root;
  private final String source;
  private volatile int flags;
  private volatile VfsPath mountPoint;

  // What it propagates to and from; written by the actor of the mounts.
  private volatile PeerGroup peers;
  private volatile Mount master;
  private volatile boolean unbindable;
  private volatile MountNamespace namespace;

  /** Those whose master it is; of the actor alone. */
  private final List<Mount> slaves = new ArrayList<>();

  /** Open descriptions and working directories on it; unmount is EBUSY unless 0. */
  private final AtomicInteger uses = new AtomicInteger();

  Mount(int id, Filesystem filesystem, Dentry root, String source, int flags, VfsPath mountPoint) {
    this.id = id;
    this.filesystem = filesystem;
    this.root = root;
    this.source = source;
    this.flags = flags;
    this.mountPoint = mountPoint;
  }

  /** A mount of the kernel's own that is in no namespace (Linux: kern_mount). */
  public static Mount internal(Filesystem filesystem) {
    return new Mount(0, filesystem, filesystem.rootDentry(), filesystem.type(), 0, null);
  }

  public int id() {
    return id;
  }

  public Filesystem filesystem() {
    return filesystem;
  }

  /** The dentry that appears at the mount point. */
  public Dentry root() {
    return root;
  }

  /** The first column of /proc/mounts. */
  public String source() {
    return source;
  }

  public int flags() {
    return flags;
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  void setFlags(int flags) {
    this.flags = flags;
  }

  /** As every mount, unless another way was asked for (Linux: path_mount). */
  public boolean relatime() {
    return (flags() & (MS_NOATIME | MS_STRICTATIME)) == 0;
  }

  public boolean readOnly() {
    return (flags & MS_RDONLY) != 0;
  }

  /** Where it is attached; null for the root mount and for detached ones. */
  public VfsPath mountPoint() {
    return mountPoint;
  }

  void setMountPoint(VfsPath at) {
    mountPoint = at;
  }

  /**
   * Counts a use that keeps umount(2) away: an open description, a working directory, a root
   * directory.
   */
  public void retain() {
    uses.incrementAndGet();
  }

  public void release() {
    uses.decrementAndGet();
  }

  boolean inUse() {
    return uses.get() > 0;
  }

  /** The group of mounts that it shares its mounts with; null if it is not shared. */
  PeerGroup peers() {
    return peers;
  }

  void setPeers(PeerGroup group) {
    peers = group;
  }

  /** A mount of the group that it gets mounts from; null if it is no slave. */
  Mount master() {
    return master;
  }

  void setMaster(Mount mount) {
    master = mount;
  }

  List<Mount> slaves() {
    return slaves;
  }

  boolean unbindable() {
    return unbindable;
  }

  void setUnbindable(boolean on) {
    unbindable = on;
  }

  /** The tree that it is in; null if it is in none. */
  MountNamespace namespace() {
    return namespace;
  }

  void setNamespace(MountNamespace tree) {
    namespace = tree;
  }

  /**
   * The optional fields of mountinfo (proc(5)), each with a blank before it.
   *
   * @param seen the mounts that the reader sees
   */
  public String propagation(List<Mount> seen) {
    StringBuilder out = new StringBuilder();
    PeerGroup own = peers;
    if (own != null) {
      out.append(" shared:").append(own.id());
    }
    Mount from = master;
    PeerGroup group = from == null ? null : from.peers;
    if (group != null) {
      out.append(" master:").append(group.id());
      PeerGroup dominating = dominating(group, from, seen);
      if (dominating != null && dominating != group) {
        out.append(" propagate_from:").append(dominating.id());
      }
    }
    return unbindable ? out.append(" unbindable").toString() : out.toString();
  }

  /** The nearest group up the masters that has a member among {@code seen}. */
  private static PeerGroup dominating(PeerGroup nearest, Mount from, List<Mount> seen) {
    PeerGroup group = nearest;
    for (Mount m = from; group != null; ) {
      if (group.members().stream().anyMatch(seen::contains)) {
        return group;
      }
      m = m.master;
      group = m == null ? null : m.peers;
    }
    return null;
  }
}
