package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Ownership;
import io.loomvisor.vfs.VfsPath;

/** A regular file. */
final class TmpRegular extends TmpInode {
  private final FileData data;

  /** {@code seals}: F_SEAL_SEAL for files of the tree, others for memfd_create(2). */
  TmpRegular(TmpFilesystem fs, Ownership owner, int seals) {
    super(fs, owner);
    data = new FileData(fs.store(), fs.budget(), seals);
  }

  FileData data() {
    return data;
  }

  @Override
  long sizeOf() {
    return data.size();
  }

  @Override
  long pageCount() {
    return data.pageCount();
  }

  @Override
  void discard() {
    data.discard();
  }

  @Override
  public void setAttributes(SetAttributes change) {
    if (change.size() != null) {
      truncate(change.size());
    }
    apply(change);
  }

  void truncate(long size) {
    if (size < 0) {
      throw Errno.EINVAL.exception();
    }
    data.truncate(size);
    modified();
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return new RegularDescription(this, path, flags, null);
  }
}
