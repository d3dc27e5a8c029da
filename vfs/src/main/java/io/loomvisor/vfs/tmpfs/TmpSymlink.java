package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Ownership;
import io.loomvisor.vfs.VfsPath;

/** A symbolic link. */
final class TmpSymlink extends TmpInode {
  private final String target;

  TmpSymlink(TmpFilesystem fs, Ownership owner, String target) {
    super(fs, owner);
    this.target = target;
  }

  @Override
  long sizeOf() {
    return target.length();
  }

  @Override
  long extraMemory() {
    return super.extraMemory() + target.length();
  }

  @Override
  public String readlink(Caller caller) {
    return target;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    throw Errno.ELOOP.exception();
  }
}
