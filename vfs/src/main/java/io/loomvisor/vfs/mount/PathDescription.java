package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;

/**
 * What open(2) with O_PATH gives: a place in the tree, good for nothing but walking on and
 * fstat(2).
 */
class PathDescription extends FileDescription {
  PathDescription(VfsPath path, int flags) {
    super(path, flags & (OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW));
    path.inode().pin();
  }

  @Override
  protected void onRelease() {
    path().inode().unpin();
  }

  @Override
  public void setAttributes(SetAttributes change) {
    throw Errno.EBADF.exception();
  }

  @Override
  public long read(IoTarget target) {
    throw Errno.EBADF.exception();
  }

  @Override
  public long pread(IoTarget target, long offset) {
    throw Errno.EBADF.exception();
  }

  @Override
  public long write(IoSource source) {
    throw Errno.EBADF.exception();
  }

  @Override
  public long pwrite(IoSource source, long offset) {
    throw Errno.EBADF.exception();
  }

  @Override
  public long seek(long offset, int whence) {
    throw Errno.EBADF.exception();
  }

  @Override
  public void readDirectory(DirectorySink sink) {
    throw Errno.EBADF.exception();
  }

  @Override
  public int readiness(int mask) {
    return PollEvents.POLLNVAL;
  }

  @Override
  public void fsync(boolean dataOnly) {
    throw Errno.EBADF.exception();
  }

  @Override
  public void truncate(long size) {
    throw Errno.EBADF.exception();
  }

  @Override
  public void fallocate(int mode, long offset, long length) {
    throw Errno.EBADF.exception();
  }

  @Override
  public Mappable mappable() {
    throw Errno.EBADF.exception();
  }
}
