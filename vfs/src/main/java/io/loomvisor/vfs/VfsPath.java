package io.loomvisor.vfs;

import io.loomvisor.vfs.mount.Mount;
import java.util.Objects;

/** A place in the file tree: a dentry seen through a mount (Linux: struct path). */
public record VfsPath(Mount mount, Dentry dentry) {
  public Inode inode() {
    return dentry.inode();
  }

  // By hand: linking a record's own ones would cost each start of a sandbox milliseconds.

  @Override
  public boolean equals(Object o) {
    return o instanceof VfsPath other
        && Objects.equals(mount, other.mount)
        && Objects.equals(dentry, other.dentry);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(mount) * 31 + Objects.hashCode(dentry);
  }
}
