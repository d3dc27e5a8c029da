package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.pipe.Fifo;

/**
 * A FIFO, a socket's name or a device node. What is behind it belongs to the overlay, never to the
 * lower layer.
 */
final class OverlaySpecial extends OverlayInode {
  private final Fifo fifo;
  private final long rdev;

  OverlaySpecial(OverlayFilesystem fs, Inode lower, FileStat stat, OverlayDirectory foundIn) {
    super(fs, lower, stat, foundIn);
    rdev = stat.rdev();
    fifo = fifoOf(stat.mode());
  }

  OverlaySpecial(OverlayFilesystem fs, Inode upper) {
    super(fs, upper, 1);
    rdev = upper.stat().rdev();
    fifo = fifoOf(upper.mode());
  }

  private static Fifo fifoOf(int mode) {
    return (mode & FileMode.S_IFMT) == FileMode.S_IFIFO ? new Fifo() : null;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return switch (mode() & FileMode.S_IFMT) {
      case FileMode.S_IFIFO -> fifo.open(this, path, flags);
      case FileMode.S_IFCHR, FileMode.S_IFBLK ->
          fs().devices().open(this, mode(), rdev, path, flags, caller);
      default -> throw Errno.ENXIO.exception();
    };
  }
}
