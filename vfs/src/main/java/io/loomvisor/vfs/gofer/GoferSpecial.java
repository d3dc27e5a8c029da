package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;

/** A device node, FIFO or socket of the host: what stands behind it is the sandbox's, never the host's. */
final class GoferSpecial extends GoferInode {
  GoferSpecial(GoferFilesystem filesystem, FileStat stat) {
    super(filesystem, stat);
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    int type = mode() & FileMode.S_IFMT;
    if (type == FileMode.S_IFCHR || type == FileMode.S_IFBLK) {
      return fs().devices().open(this, mode(), stat().rdev(), path, flags, caller);
    }
    throw Errno.ENXIO.exception();
  }
}
