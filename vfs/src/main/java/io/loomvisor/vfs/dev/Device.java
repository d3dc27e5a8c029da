package io.loomvisor.vfs.dev;

import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;

/** A character device. */
@FunctionalInterface
public interface Device {
  /**
   * open(2) of a node of this device; permission has been checked.
   *
   * @param node the inode, whose attributes fstat(2) reports
   */
  FileDescription open(Inode node, VfsPath path, int flags, Caller caller);
}
