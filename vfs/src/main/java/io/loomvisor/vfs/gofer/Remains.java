package io.loomvisor.vfs.gofer;

/** A weak reference to an inode that somebody has to be rid of when the inode is no more. */
interface Remains {
  /** In the file system's actor. */
  void remove();
}
