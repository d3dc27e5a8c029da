package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;

/**
 * The checks of path_resolution(7) and capabilities(7): mode bits by fsuid and groups, overridden
 * by capabilities.
 */
final class Permissions {
  static final int READ = 4;
  static final int WRITE = 2;
  static final int EXECUTE = 1;

  private Permissions() {}

  /**
   * EACCES unless {@code who} may do all of {@code mask} to the file; mount flags are not looked
   * at.
   */
  static void check(Inode inode, Credentials who, int mask) {
    if (!allowed(inode, who, mask)) {
      throw Errno.EACCES.exception();
    }
  }

  static boolean allowed(Inode inode, Credentials who, int mask) {
    if (mask == 0) {
      return true;
    }
    int mode = inode.mode();
    if (overridden(mode, who, mask)) {
      return true;
    }
    int bits;
    if (inode.uid() == who.fsuid()) {
      bits = mode >> 6;
    } else if (who.inGroup(inode.gid())) {
      bits = mode >> 3;
    } else {
      bits = mode;
    }
    return (mask & ~bits) == 0;
  }

  /** CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, as generic_permission() of fs/namei.c has them. */
  private static boolean overridden(int mode, Credentials who, int mask) {
    boolean directory = FileMode.isDirectory(mode);
    if (who.has(Credentials.CAP_DAC_OVERRIDE)
        && (directory || (mask & EXECUTE) == 0 || (mode & 0111) != 0)) {
      return true;
    }
    return who.has(Credentials.CAP_DAC_READ_SEARCH)
        && (directory ? (mask & WRITE) == 0 : mask == READ);
  }

  /**
   * EROFS if the mount forbids writing. Device nodes, FIFOs and sockets may be written all the
   * same.
   */
  static void checkWritableMount(VfsPath file) {
    if (file.mount().readOnly()) {
      throw Errno.EROFS.exception();
    }
  }

  static boolean livesInFileSystem(int mode) {
    int type = mode & FileMode.S_IFMT;
    return type == FileMode.S_IFREG || type == FileMode.S_IFDIR || type == FileMode.S_IFLNK;
  }

  /**
   * A change of the names in {@code directory}: EROFS, EACCES; ENOENT if it has been removed
   * itself.
   */
  static void checkNameChange(VfsPath directory, Credentials who) {
    checkWritableMount(directory);
    check(directory.inode(), who, WRITE | EXECUTE);
    if (directory.dentry().deleted()) {
      throw Errno.ENOENT.exception();
    }
  }

  /**
   * A name is removed or replaced: the sticky bit of the directory (inode(7)) lets only the owners
   * do that. EPERM.
   */
  static void checkSticky(VfsPath directory, Inode victim, Credentials who) {
    Inode dir = directory.inode();
    if ((dir.mode() & FileMode.S_ISVTX) != 0
        && !who.has(Credentials.CAP_FOWNER)
        && victim.uid() != who.fsuid()
        && dir.uid() != who.fsuid()) {
      throw Errno.EPERM.exception();
    }
  }

  static boolean ownerOrCapable(Inode inode, Credentials who) {
    return who.fsuid() == inode.uid() || who.has(Credentials.CAP_FOWNER);
  }
}
