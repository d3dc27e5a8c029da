package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Ownership;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.pipe.Fifo;

/** A FIFO, a socket's name or a device node. */
final class TmpSpecial extends TmpInode {
  private final long rdev;
  private final Fifo fifo;

  TmpSpecial(TmpFilesystem fs, Ownership owner, long rdev) {
    super(fs, owner);
    this.rdev = rdev;
    fifo = (owner.mode() & FileMode.S_IFMT) == FileMode.S_IFIFO ? new Fifo() : null;
  }

  @Override
  long rdev() {
    return rdev;
  }

  @Override
  long sizeOf() {
    return 0;
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
