package io.loomvisor.vfs.pipe;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;

/**
 * The pipe behind one FIFO; the file system keeps it with the inode.
 *
 * <p>Without O_NONBLOCK an open for reading alone or writing alone waits for the other side: the
 * description returned counts as an end from the start, and its {@link FileDescription#openPending}
 * is true until the other side has been there. The kernel waits on its wait queue for POLLIN and
 * POLLOUT, and releases it if the wait is interrupted.
 */
public final class Fifo {
  private final Pipe pipe = new Pipe();

  /** ENXIO for O_WRONLY with O_NONBLOCK and no reader. */
  public FileDescription open(Inode inode, VfsPath path, int flags) {
    boolean nonBlocking = (flags & OpenFlags.O_NONBLOCK) != 0;
    boolean writeOnly = (flags & OpenFlags.O_ACCMODE) == OpenFlags.O_WRONLY;
    if (writeOnly && nonBlocking && pipe.readers() == 0) {
      throw Errno.ENXIO.exception();
    }
    return new PipeDescription(pipe, inode, path, path, flags, !nonBlocking);
  }
}
