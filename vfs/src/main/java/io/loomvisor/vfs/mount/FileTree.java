package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;

/**
 * The file operations of the kernel that take paths: each walks, checks permissions and mount
 * flags, asks the file system and keeps the dentry tree in step. Stateless; any thread. Errors are
 * Linux's.
 *
 * <p>Paths are ISO 8859-1 Strings as read from the application, at most PATH_MAX - 1 bytes
 * (ENAMETOOLONG is the caller's business at copy-in and this class's for components).
 */
public interface FileTree {
  /** Follow a symbolic link in the last component. */
  int FOLLOW = 1;

  /** An empty path means the start itself (AT_EMPTY_PATH). */
  int EMPTY_PATH = 2;

  /** RESOLVE_ flags of openat2(2) follow here: no crossing, no symlinks, beneath, in root. */
  int NO_XDEV = 4;

  int NO_SYMLINKS = 8;
  int NO_MAGICLINKS = 16;
  int BENEATH = 32;
  int IN_ROOT = 64;

  /** The file at {@code path}; ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG. */
  VfsPath walk(WalkContext context, String path, int walkFlags);

  /** open(2): flags and mode (umask not yet applied) are open's. */
  FileDescription open(WalkContext context, String path, int openFlags, int mode, int walkFlags);

  /**
   * Opens what has been walked to already (exec, /proc/self/fd, O_PATH re-open): permission is
   * checked.
   */
  FileDescription openAt(WalkContext context, VfsPath file, int openFlags);

  FileStat stat(WalkContext context, String path, int walkFlags);

  /** access(2) with the given identity's rights: mask of R_OK 4, W_OK 2, X_OK 1; 0 for F_OK. */
  void access(WalkContext context, VfsPath file, int mask);

  /**
   * chmod, chown, utimensat, truncate: checks who may, read-only mounts, and clears set-id bits as
   * Linux does.
   */
  void setAttributes(WalkContext context, VfsPath file, SetAttributes change);

  /**
   * utimensat(2) with both times now: as {@link #setAttributes} with these times, but write
   * permission is enough.
   */
  void touch(WalkContext context, VfsPath file, SetAttributes change);

  /** mknod(2); the file made. */
  VfsPath mknod(WalkContext context, String path, int mode, long rdev);

  void mkdir(WalkContext context, String path, int mode);

  void symlink(WalkContext context, String target, String linkPath);

  /** link(2): {@code existing} has been walked to. */
  void link(WalkContext context, VfsPath existing, String newPath);

  void unlink(WalkContext context, String path);

  void rmdir(WalkContext context, String path);

  /** renameat2(2); both contexts are of the same task and differ in their start only. */
  void rename(WalkContext from, String oldPath, WalkContext to, String newPath, int flags);

  String readlink(WalkContext context, String path, int walkFlags);

  FileSystemStat statfs(WalkContext context, VfsPath file);

  /**
   * The path of {@code file} as seen from {@code root} (getcwd, /proc): "/…"; with " (deleted)" if
   * unlinked; null if it is not below root ("(unreachable)").
   */
  String pathOf(VfsPath file, VfsPath root);
}
