package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.pipe.Fifo;

/**
 * A device node, FIFO or socket of the host: what stands behind it is the sandbox's, never the
 * host's.
 */
final class GoferSpecial extends GoferNamed {
  private final Fifo fifo;

  GoferSpecial(GoferFilesystem filesystem, FileStat stat) {
    super(filesystem, stat);
    fifo = (stat.mode() & FileMode.S_IFMT) == FileMode.S_IFIFO ? new Fifo() : null;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return switch (mode() & FileMode.S_IFMT) {
      case FileMode.S_IFIFO -> fifo.open(this, path, flags);
      case FileMode.S_IFCHR, FileMode.S_IFBLK ->
          fs().devices().open(this, mode(), host().rdev(), path, flags, caller);
      default -> throw Errno.ENXIO.exception();
    };
  }
}
