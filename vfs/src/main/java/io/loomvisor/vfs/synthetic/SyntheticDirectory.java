package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
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
   * Gives the entries from {@code position} on to {@code sink}, until it returns false. Each
   * entry's nextOffset is greater than the position it has itself; positions keep their meaning
   * while entries come and go.
   */
  protected abstract void list(long position, DirectorySink sink);

  /**
   * In proc a name that is not there cannot be made up (ENOENT); elsewhere files cannot be created
   * (EACCES).
   */
  @Override
  public Inode create(String name, int mode, long rdev, Credentials owner) {
    throw inventing(FileMode.isRegular(mode) ? Errno.EACCES : Errno.EPERM);
  }

  @Override
  public Inode makeDirectory(String name, int mode, Credentials owner) {
    throw inventing(Errno.EPERM);
  }

  @Override
  public Inode makeSymlink(String name, String target, Credentials owner) {
    throw inventing(Errno.EPERM);
  }

  @Override
  public void link(String name, Inode existing) {
    throw inventing(Errno.EPERM);
  }

  @Override
  public void unlink(String name) {
    throw Errno.EPERM.exception();
  }

  @Override
  public void removeDirectory(String name) {
    throw Errno.EPERM.exception();
  }

  @Override
  public void rename(String oldName, Inode newParent, String newName, int flags) {
    throw Errno.EPERM.exception();
  }

  private LinuxException inventing(Errno elsewhere) {
    return filesystem().type().equals("proc") ? Errno.ENOENT.exception() : elsewhere.exception();
  }

  @Override
  protected long links() {
    return 2;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return new SyntheticDirectoryDescription(this, path, flags);
  }
}
