package io.loomvisor.vfs.notify;

import io.loomvisor.vfs.Inode;

/**
 * What one inotify instance wants to hear of one file. The mask is the instance's to change; any
 * thread reads it.
 */
final class Watch {
  private final InotifyDescription instance;
  private final Inode inode;
  private final int wd;
  private volatile int mask;

  Watch(InotifyDescription instance, Inode inode, int wd, int mask) {
    this.instance = instance;
    this.inode = inode;
    this.wd = wd;
    this.mask = mask;
  }

  InotifyDescription instance() {
    return instance;
  }

  Inode inode() {
    return inode;
  }

  int wd() {
    return wd;
  }

  /** IN_ events, and IN_ONESHOT and IN_EXCL_UNLINK. */
  int mask() {
    return mask;
  }

  void setMask(int newMask) {
    mask = newMask;
  }

  boolean has(int bits) {
    return (mask & bits) != 0;
  }
}
