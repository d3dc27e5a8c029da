package io.loomvisor.vfs.overlay;

/** A weak reference to an inode that a table has to be rid of when the inode is no more. */
interface Remains {
  /** In the file system's actor. */
  void remove();
}
