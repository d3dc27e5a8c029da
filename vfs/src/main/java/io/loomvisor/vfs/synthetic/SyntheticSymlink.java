package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import java.util.function.Function;

/** A symbolic link whose text may depend on who reads it. */
public final class SyntheticSymlink extends SyntheticInode {
  private final Function<Caller, String> target;

  public SyntheticSymlink(SyntheticFilesystem filesystem, Function<Caller, String> target) {
    super(filesystem, filesystem.newInodeNumber(), FileMode.S_IFLNK | 0777);
    this.target = target;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    throw Errno.ELOOP.exception();
  }

  @Override
  public String readlink(Caller caller) {
    return target.apply(caller);
  }
}
