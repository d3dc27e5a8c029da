package io.loomvisor.vfs.dev;

import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;

/**
 * An open memory device: positions mean nothing, so pread is read, and every seek ends at 0
 * (drivers/char/mem.c).
 */
abstract class DeviceDescription extends FileDescription {
  private final Inode node;

  DeviceDescription(Inode node, VfsPath path, int flags) {
    super(path, flags);
    this.node = node;
  }

  @Override
  public Inode inode() {
    return node;
  }

  @Override
  public abstract long read(IoTarget target);

  @Override
  public abstract long write(IoSource source);

  @Override
  public long pread(IoTarget target, long offset) {
    return read(target);
  }

  @Override
  public long pwrite(IoSource source, long offset) {
    return write(source);
  }

  @Override
  public long seek(long offset, int whence) {
    return 0;
  }
}
