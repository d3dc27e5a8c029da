package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.synthetic.SyntheticInode;

/** /proc/PID/fd/N: leads to the open file; its owner bits show how it is open. */
final class FdLink extends SyntheticInode {
  /** As Linux has it, whatever the length of the text. */
  private static final int SIZE = 64;

  private final TaskScope scope;
  private final int fd;

  FdLink(TaskScope scope, int fd, FileDescription description) {
    super(scope.filesystem(), scope.inode(TaskScope.FD, fd), FileMode.S_IFLNK | bits(description));
    this.scope = scope;
    this.fd = fd;
  }

  private static int bits(FileDescription d) {
    return (d.readable() ? 0500 : 0) | (d.writable() ? 0300 : 0);
  }

  @Override
  public int uid() {
    return scope.owner(false).euid();
  }

  @Override
  public int gid() {
    return scope.owner(false).egid();
  }

  @Override
  protected long size() {
    return SIZE;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    throw Errno.ELOOP.exception();
  }

  @Override
  public String readlink(Caller caller) {
    scope.checkInspect(caller);
    FileDescription d = retain();
    try {
      return d.path() == null
          ? d.displayName()
          : scope.context().nameOf(d.path(), scope.context().processes().find(caller.threadId()));
    } finally {
      d.release();
    }
  }

  @Override
  public VfsPath jump(Caller caller) {
    scope.checkInspect(caller);
    FileDescription d = retain();
    try {
      VfsPath place = d.place();
      if (place == null) {
        throw Errno.ENXIO.exception();
      }
      return place;
    } finally {
      d.release();
    }
  }

  private FileDescription retain() {
    FileDescription d = scope.view().retain(fd);
    if (d == null) {
      throw Errno.ENOENT.exception();
    }
    return d;
  }
}
