package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.task.Task;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.WalkContext;

/**
 * A directory descriptor and a path, as the …at syscalls take them. Holds the directory open while
 * the call runs.
 */
public final class At implements AutoCloseable {
  static final int AT_FDCWD = -100;
  static final int AT_SYMLINK_NOFOLLOW = 0x100;
  static final int AT_EACCESS = 0x200;
  static final int AT_REMOVEDIR = 0x200;
  static final int AT_SYMLINK_FOLLOW = 0x400;
  static final int AT_NO_AUTOMOUNT = 0x800;
  static final int AT_EMPTY_PATH = 0x1000;

  private final WalkContext context;
  private final String path;
  private final OpenFile directory;

  private At(WalkContext context, String path, OpenFile directory) {
    this.context = context;
    this.path = path;
    this.directory = directory;
  }

  /** The path at {@code address}, from {@code dirfd}; EFAULT, ENAMETOOLONG, EBADF, ENOTDIR. */
  public static At of(Task task, int dirfd, long address) {
    return of(task, dirfd, task.memory().copyInPath(address));
  }

  static At of(Task task, int dirfd, String path) {
    if (dirfd == AT_FDCWD || path.startsWith("/")) {
      return new At(here(task), path, null);
    }
    OpenFile directory = OpenFile.any(task, dirfd);
    VfsPath start = directory.description().path();
    if (start == null) {
      directory.close();
      throw Errno.ENOTDIR.exception();
    }
    return new At(from(task, start, task), path, directory);
  }

  /**
   * As {@link #of}, but an absolute path needs the directory too: openat2(2) with RESOLVE_IN_ROOT
   * starts there.
   */
  static At restricted(Task task, int dirfd, long address) {
    String path = task.memory().copyInPath(address);
    if (dirfd == AT_FDCWD) {
      return new At(here(task), path, null);
    }
    At relative = of(task, dirfd, "");
    return new At(relative.context, path, relative.directory);
  }

  /** The working directory as start. */
  public static WalkContext here(Task task) {
    return from(task, task.fileSystem().workingDirectory(), task);
  }

  static WalkContext from(Task task, VfsPath start, Caller caller) {
    FsContext fs = task.fileSystem();
    return new WalkContext(fs.namespace(), fs.root(), start, fs.umask(), caller);
  }

  public WalkContext context() {
    return context;
  }

  public String path() {
    return path;
  }

  @Override
  public void close() {
    if (directory != null) {
      directory.close();
    }
  }
}
