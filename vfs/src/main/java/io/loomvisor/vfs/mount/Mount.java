package io.loomvisor.vfs.mount;

import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.VfsPath;
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
  public static final int MS_RELATIME = 1 << 21;
  public static final int MS_STRICTATIME = 1 << 24;

  private final int id;
  private final Filesystem filesystem;
  private final Dentry root;
  private final String source;
  private volatile int flags;
  private volatile VfsPath mountPoint;

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
}
