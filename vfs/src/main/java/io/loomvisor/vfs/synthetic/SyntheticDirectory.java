package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;

/** A directory; subclasses say what is in it. */
public abstract class SyntheticDirectory extends SyntheticInode {
  /** The first position that {@link #list} may use: "." and ".." come before it. */
  public static final long FIRST_POSITION = 2;

  protected SyntheticDirectory(SyntheticFilesystem filesystem, long ino, int permissions) {
    super(filesystem, ino, FileMode.S_IFDIR | permissions);
  }

  @Override
  public abstract Inode lookup(String name);

  /**
   * Gives the entries from {@code position} on to {@code sink}, until it returns false. Each entry's nextOffset is greater
   * than the position it has itself; positions keep their meaning while entries come and go.
   */
  protected abstract void list(long position, DirectorySink sink);

  @Override
  protected long links() {
    return 2;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return new DirectoryDescription(this, path, flags);
  }
}
