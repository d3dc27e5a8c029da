package io.loomvisor.vfs;

import io.loomvisor.vfs.mount.Mount;

/** A place in the file tree: a dentry seen through a mount (Linux: struct path). */
public record VfsPath(Mount mount, Dentry dentry) {
  public Inode inode() {
    return dentry.inode();
  }
}
