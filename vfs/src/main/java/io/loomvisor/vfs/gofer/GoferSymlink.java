package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;

/** A symbolic link of the host. */
final class GoferSymlink extends GoferNamed {
  private final String target;

  GoferSymlink(GoferFilesystem filesystem, FileStat stat, String target) {
    super(filesystem, stat);
    if (target == null || target.isEmpty()) {
      throw Errno.EIO.exception();
    }
    this.target = target;
  }

  /** Its inode number may be another link's by now. */
  @Override
  boolean canBe(FileStat stat, String newTarget) {
    return super.canBe(stat, newTarget) && target.equals(newTarget);
  }

  @Override
  public String readlink(Caller caller) {
    return target;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    throw Errno.ELOOP.exception();
  }
}
