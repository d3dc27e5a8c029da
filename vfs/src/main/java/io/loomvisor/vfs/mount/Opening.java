package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.notify.FileNotice;

/** open(2): finding or creating the file, the checks before it is opened, truncation. */
final class Opening {
  /** How often opening starts over because others replace, make and remove the file. */
  private static final int PATIENCE = 1000;

  private Opening() {}

  /**
   * Starts over if the file was replaced by others between its being found and opened (Linux:
   * do_filp_open()).
   */
  static FileDescription open(
      WalkContext context, String path, int openFlags, int mode, int walkFlags) {
    for (int tries = 0; ; tries++) {
      try {
        return openOnce(context, path, openFlags, mode, walkFlags);
      } catch (LinuxException e) {
        if (e.errno() != Errno.ESTALE || tries == PATIENCE) {
          throw e;
        }
      }
    }
  }

  private static FileDescription openOnce(
      WalkContext context, String path, int openFlags, int mode, int walkFlags) {
    int resolve = walkFlags & ~FileTree.FOLLOW;
    if (has(openFlags, OpenFlags.O_PATH)) {
      return openPath(context, path, openFlags, resolve);
    }
    if (has(openFlags, OpenFlags.O_TMPFILE)) {
      return openUnnamed(context, path, openFlags, mode, resolve);
    }
    if (has(openFlags, OpenFlags.O_CREAT)) {
      if (has(openFlags, OpenFlags.O_DIRECTORY)) {
        throw Errno.EINVAL.exception();
      }
      return openOrCreate(context, path, openFlags, mode, resolve);
    }
    boolean follow = !has(openFlags, OpenFlags.O_NOFOLLOW);
    VfsPath file = new PathWalk(context, path, resolve | (follow ? FileTree.FOLLOW : 0)).toEnd();
    return openAt(context, file, openFlags);
  }

  private static FileDescription openPath(
      WalkContext context, String path, int openFlags, int resolve) {
    boolean follow = !has(openFlags, OpenFlags.O_NOFOLLOW);
    VfsPath file = new PathWalk(context, path, resolve | (follow ? FileTree.FOLLOW : 0)).toEnd();
    checkDirectoryWanted(file.inode(), openFlags);
    return new PathDescription(file, openFlags);
  }

  private static FileDescription openUnnamed(
      WalkContext context, String path, int openFlags, int mode, int resolve) {
    if (!OpenFlags.writable(openFlags)) {
      throw Errno.EINVAL.exception();
    }
    VfsPath directory = new PathWalk(context, path, resolve | FileTree.FOLLOW).toEnd();
    if (!FileMode.isDirectory(directory.inode().mode())) {
      throw Errno.ENOTDIR.exception();
    }
    Credentials who = context.caller().credentials();
    Permissions.checkWritableMount(directory);
    Permissions.check(directory.inode(), who, Permissions.WRITE | Permissions.EXECUTE);
    int fileMode = FileMode.S_IFREG | mode & FileMode.PERMISSIONS & ~context.umask();
    Inode inode = directory.inode().createUnnamed(fileMode, who);
    inode.pin();
    try {
      // Its name is what Linux shows in /proc: "#" and the inode number, deleted from the start.
      Dentry dentry = new Dentry(directory.dentry(), "#" + inode.stat().ino(), inode);
      dentry.markUnnamed();
      int rest = openFlags & ~(OpenFlags.O_TMPFILE | OpenFlags.O_CREAT);
      return FileNotice.opened(
          inode.open(new VfsPath(directory.mount(), dentry), rest, context.caller()));
    } finally {
      inode.unpin();
    }
  }

  private static FileDescription openOrCreate(
      WalkContext context, String path, int openFlags, int mode, int resolve) {
    boolean exclusive = has(openFlags, OpenFlags.O_EXCL);
    boolean follow = !exclusive && !has(openFlags, OpenFlags.O_NOFOLLOW);
    PathWalk walk = new PathWalk(context, path, resolve);
    for (; ; ) {
      VfsPath directory = walk.toParent();
      if (walk.last() != PathWalk.Last.NAME || walk.trailingSlash()) {
        throw Errno.EISDIR.exception();
      }
      VfsPath found = walk.lookupLast();
      for (int tries = 0; found == null; tries++) {
        FileDescription made = create(context, directory, walk.lastName(), openFlags, mode);
        if (made != null) {
          return made;
        }
        if (exclusive) {
          throw Errno.EEXIST.exception();
        }
        found = walk.lookupLast();
        if (found == null && tries == PATIENCE) {
          throw Errno.ENOENT.exception();
        }
      }
      if (exclusive) {
        throw Errno.EEXIST.exception();
      }
      if (!follow || !FileMode.isSymlink(found.inode().mode())) {
        return openAt(context, found, openFlags);
      }
      VfsPath led = walk.followLast(found);
      if (led != null) {
        return openAt(context, led, openFlags);
      }
    }
  }

  /** Creates and opens; null if somebody else has created the name meanwhile. */
  private static FileDescription create(
      WalkContext context, VfsPath directory, String name, int openFlags, int mode) {
    Credentials who = context.caller().credentials();
    Permissions.checkNameChange(directory, who);
    int fileMode = FileMode.S_IFREG | mode & FileMode.PERMISSIONS & ~context.umask();
    int seen = directory.dentry().changes();
    Inode inode;
    try {
      inode = directory.inode().create(name, fileMode, 0, who);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      directory.dentry().forget(name);
      return null;
    }
    Dentry dentry = directory.dentry().created(name, inode, seen);
    FileNotice.created(directory.dentry(), name, inode);
    // The new file's own mode does not restrict its creator.
    return FileNotice.opened(
        inode.open(
            new VfsPath(directory.mount(), dentry),
            openFlags & ~OpenFlags.O_TRUNC,
            context.caller()));
  }

  /** Opens a file that has been found; may_open() and do_open() of fs/namei.c. */
  static FileDescription openAt(WalkContext context, VfsPath file, int openFlags) {
    Inode inode = file.inode();
    checkDirectoryWanted(inode, openFlags);
    if (has(openFlags, OpenFlags.O_PATH)) {
      return new PathDescription(file, openFlags);
    }
    Credentials who = context.caller().credentials();
    int mode = inode.mode();
    boolean truncate = has(openFlags, OpenFlags.O_TRUNC);
    int wanted = wantedAccess(openFlags, truncate);
    checkType(file, mode, openFlags, wanted);
    if (FileMode.isFifo(mode) && !has(openFlags, OpenFlags.O_NONBLOCK)) {
      context.caller().aboutToWait();
    }
    if ((wanted & Permissions.WRITE) != 0 && Permissions.livesInFileSystem(mode)) {
      Permissions.checkWritableMount(file);
    }
    Permissions.check(inode, who, wanted);
    if (has(openFlags, OpenFlags.O_NOATIME) && !Permissions.ownerOrCapable(inode, who)) {
      throw Errno.EPERM.exception();
    }
    if ((wanted & Permissions.WRITE) != 0) {
      inode.checkNotRunning();
    }
    boolean truncated = truncate && FileMode.isRegular(mode);
    if (truncated) {
      inode.setAttributes(AttributeChange.truncation(inode, 0, who));
    }
    FileDescription opened =
        FileNotice.opened(inode.open(file, openFlags & ~OpenFlags.O_TRUNC, context.caller()));
    if (truncated) {
      FileNotice.modified(opened);
    }
    return opened;
  }

  private static int wantedAccess(int openFlags, boolean truncate) {
    int wanted =
        switch (openFlags & OpenFlags.O_ACCMODE) {
          case OpenFlags.O_RDONLY -> Permissions.READ;
          case OpenFlags.O_WRONLY -> Permissions.WRITE;
          default -> Permissions.READ | Permissions.WRITE;
        };
    return truncate ? wanted | Permissions.WRITE : wanted;
  }

  private static void checkType(VfsPath file, int mode, int openFlags, int wanted) {
    switch (mode & FileMode.S_IFMT) {
      case FileMode.S_IFLNK -> throw Errno.ELOOP.exception();
      case FileMode.S_IFDIR -> {
        if ((wanted & Permissions.WRITE) != 0 || has(openFlags, OpenFlags.O_CREAT)) {
          throw Errno.EISDIR.exception();
        }
      }
      case FileMode.S_IFSOCK -> throw Errno.ENXIO.exception();
      case FileMode.S_IFCHR, FileMode.S_IFBLK -> {
        if (file.mount().has(Mount.MS_NODEV)) {
          throw Errno.EACCES.exception();
        }
      }
      default -> {}
    }
  }

  private static void checkDirectoryWanted(Inode inode, int openFlags) {
    if (has(openFlags, OpenFlags.O_DIRECTORY) && !FileMode.isDirectory(inode.mode())) {
      throw Errno.ENOTDIR.exception();
    }
  }

  private static boolean has(int flags, int wanted) {
    return (flags & wanted) == wanted;
  }
}
