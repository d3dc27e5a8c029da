package io.loomvisor.vfs.mount;

import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Filesystem;
import io.loomvisor.vfs.VfsPath;

/** A file system, or a part of one (bind), attached at a place in the tree. Changed only by its namespace's actor. */
public final class Mount {
  public static final int MS_RDONLY = 1;
  public static final int MS_NOSUID = 2;
  public static final int MS_NODEV = 4;
  public static final int MS_NOEXEC = 8;
  public static final int MS_NOATIME = 1024;
  public static final int MS_RELATIME = 1 << 21;

  private final int id;
  private final Filesystem filesystem;
  private final Dentry root;
  private final String source;
  private volatile int flags;
  private volatile VfsPath mountPoint;

  Mount(int id, Filesystem filesystem, Dentry root, String source, int flags, VfsPath mountPoint) {
    this.id = id;
    this.filesystem = filesystem;
    this.root = root;
    this.source = source;
    this.flags = flags;
    this.mountPoint = mountPoint;
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

  void detach() {
    mountPoint = null;
  }
}
