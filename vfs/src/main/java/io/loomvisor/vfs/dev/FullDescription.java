package io.loomvisor.vfs.dev;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;

/** /dev/full: zeros to read, no space to write. */
final class FullDescription extends DeviceDescription {
  FullDescription(Inode node, VfsPath path, int flags) {
    super(node, path, flags);
  }

  @Override
  public long read(IoTarget target) {
    return target.putZeros(target.remaining());
  }

  @Override
  public long write(IoSource source) {
    throw Errno.ENOSPC.exception();
  }
}
