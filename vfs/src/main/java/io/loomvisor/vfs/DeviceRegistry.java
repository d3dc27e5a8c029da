package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.Errno;

/**
 * What stands behind the device numbers of the sandbox. Device nodes of every file system open
 * through it.
 */
@FunctionalInterface
public interface DeviceRegistry {
  /** No devices at all. */
  DeviceRegistry NONE =
      (inode, mode, rdev, path, flags, caller) -> {
        throw Errno.ENXIO.exception();
      };

  /**
   * Opens the device.
   *
   * @param inode the node, for attributes
   * @param mode S_IFCHR or S_IFBLK and permissions
   * @param rdev Linux's 64-bit device number
   * @throws io.loomvisor.gofer.abi.LinuxException ENXIO if there is no such device
   */
  FileDescription open(Inode inode, int mode, long rdev, VfsPath path, int flags, Caller caller);
}
