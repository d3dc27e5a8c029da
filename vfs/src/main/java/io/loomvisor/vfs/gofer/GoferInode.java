package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Inode;

/** A file of the host, with its attributes as they were when it was found. */
abstract class GoferInode extends Inode {
  private final FileStat hostStat;
  private final FileStat stat;

  GoferInode(GoferFilesystem filesystem, FileStat hostStat) {
    super(filesystem);
    this.hostStat = hostStat;
    this.stat = filesystem.shown(hostStat);
  }

  final GoferFilesystem fs() {
    return (GoferFilesystem) filesystem();
  }

  /** As the host has them. */
  final FileStat hostStat() {
    return hostStat;
  }

  @Override
  public FileStat stat() {
    return stat;
  }

  @Override
  public void setAttributes(SetAttributes change) {
    throw Errno.EROFS.exception();
  }
}
