package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;

/** A symbolic link. */
final class OverlaySymlink extends OverlayInode {
  OverlaySymlink(OverlayFilesystem fs, Inode lower, FileStat stat, OverlayDirectory foundIn) {
    super(fs, lower, stat, foundIn);
  }

  OverlaySymlink(OverlayFilesystem fs, Inode upper) {
    super(fs, upper, 1);
  }

  @Override
  public String readlink(Caller caller) {
    return attributes().readlink(caller);
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    throw Errno.ELOOP.exception();
  }
}
