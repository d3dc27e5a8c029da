package io.loomvisor.kernel.ipc.shm;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;

/**
 * What /proc/PID/maps shows of an attachment: the file, with the segment's identifier as its inode
 * number (newseg() of ipc/shm.c). It has no name, so nobody opens it.
 */
final class SegmentInode extends Inode {
  private final Segment segment;

  SegmentInode(Segment segment) {
    super(segment.file().filesystem());
    this.segment = segment;
  }

  @Override
  public FileStat stat() {
    FileStat s = segment.file().stat();
    return new FileStat(
        s.dev(),
        segment.id(),
        s.mode(),
        s.nlink(),
        s.uid(),
        s.gid(),
        s.rdev(),
        s.size(),
        s.blockSize(),
        s.blocks(),
        s.atime(),
        s.mtime(),
        s.ctime(),
        s.btime());
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    throw Errno.EACCES.exception();
  }
}
