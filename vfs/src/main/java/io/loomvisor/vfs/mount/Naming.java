package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.notify.FileNotice;

/**
 * The operations that make and remove names: mknod(2), mkdir(2), symlink(2), link(2), unlink(2),
 * rmdir(2).
 */
final class Naming {
  private Naming() {}

  /** A place for a new name: the directory has been checked, the name does not exist. */
  private record Place(VfsPath directory, String name, int seen) {
    VfsPath enter(Inode made) {
      Dentry entry = directory.dentry().created(name, made, seen);
      FileNotice.created(directory.dentry(), name, made);
      return new VfsPath(directory.mount(), entry);
    }
  }

  private static Place place(WalkContext context, String path, boolean forDirectory) {
    PathWalk walk = new PathWalk(context, path, 0);
    VfsPath directory = walk.toParent();
    if (walk.last() != PathWalk.Last.NAME || walk.lookupLast() != null) {
      throw Errno.EEXIST.exception();
    }
    if (walk.trailingSlash() && !forDirectory) {
      throw Errno.ENOENT.exception();
    }
    Permissions.checkNameChange(directory, context.caller().credentials());
    return new Place(directory, walk.lastName(), directory.dentry().changes());
  }

  static VfsPath mknod(WalkContext context, String path, int mode, long rdev) {
    Credentials who = context.caller().credentials();
    int type = mode & FileMode.S_IFMT;
    switch (type) {
      case 0,
          FileMode.S_IFREG,
          FileMode.S_IFIFO,
          FileMode.S_IFSOCK,
          FileMode.S_IFCHR,
          FileMode.S_IFBLK -> {}
      case FileMode.S_IFDIR -> throw Errno.EPERM.exception();
      default -> throw Errno.EINVAL.exception();
    }
    Place place = place(context, path, false);
    boolean device = type == FileMode.S_IFBLK || type == FileMode.S_IFCHR && rdev != 0;
    if (device && !who.has(Credentials.CAP_MKNOD)) {
      throw Errno.EPERM.exception();
    }
    int full =
        (type == 0 ? FileMode.S_IFREG : type) | mode & FileMode.PERMISSIONS & ~context.umask();
    boolean numbered = type == FileMode.S_IFBLK || type == FileMode.S_IFCHR;
    return place.enter(place.directory.inode().create(place.name, full, numbered ? rdev : 0, who));
  }

  static void mkdir(WalkContext context, String path, int mode) {
    Place place = place(context, path, true);
    int full = FileMode.S_IFDIR | mode & (0777 | FileMode.S_ISVTX) & ~context.umask();
    place.enter(
        place.directory.inode().makeDirectory(place.name, full, context.caller().credentials()));
  }

  static void symlink(WalkContext context, String target, String linkPath) {
    if (target.isEmpty()) {
      throw Errno.ENOENT.exception();
    }
    Place place = place(context, linkPath, false);
    place.enter(
        place.directory.inode().makeSymlink(place.name, target, context.caller().credentials()));
  }

  static void link(WalkContext context, VfsPath existing, String newPath) {
    Place place = place(context, newPath, false);
    if (existing.mount() != place.directory.mount()) {
      throw Errno.EXDEV.exception();
    }
    if (FileMode.isDirectory(existing.inode().mode())) {
      throw Errno.EPERM.exception();
    }
    place.directory.inode().link(place.name, existing.inode());
    place.directory.dentry().created(place.name, existing.inode(), place.seen);
    FileNotice.linked(place.directory.dentry(), place.name, existing.inode());
  }

  static void unlink(WalkContext context, String path) {
    PathWalk walk = new PathWalk(context, path, 0);
    VfsPath directory = walk.toParent();
    if (walk.last() != PathWalk.Last.NAME) {
      throw Errno.EISDIR.exception();
    }
    VfsPath victim = existing(walk);
    boolean isDirectory = FileMode.isDirectory(victim.inode().mode());
    if (walk.trailingSlash()) {
      throw isDirectory ? Errno.EISDIR.exception() : Errno.ENOTDIR.exception();
    }
    checkRemoval(context, directory, victim);
    if (isDirectory) {
      throw Errno.EISDIR.exception();
    }
    directory.inode().unlink(walk.lastName());
    directory.dentry().drop(walk.lastName(), victim.dentry());
    FileNotice.removed(directory.dentry(), walk.lastName(), victim.inode());
  }

  static void rmdir(WalkContext context, String path) {
    PathWalk walk = new PathWalk(context, path, 0);
    VfsPath directory = walk.toParent();
    switch (walk.last()) {
      case DOT -> throw Errno.EINVAL.exception();
      case DOT_DOT -> throw Errno.ENOTEMPTY.exception();
      case ROOT -> throw Errno.EBUSY.exception();
      case NAME -> {}
    }
    VfsPath victim = existing(walk);
    checkRemoval(context, directory, victim);
    if (!FileMode.isDirectory(victim.inode().mode())) {
      throw Errno.ENOTDIR.exception();
    }
    directory.inode().removeDirectory(walk.lastName());
    directory.dentry().drop(walk.lastName(), victim.dentry());
    FileNotice.removed(directory.dentry(), walk.lastName(), victim.inode());
  }

  static VfsPath existing(PathWalk walk) {
    VfsPath found = walk.lookupLast();
    if (found == null) {
      throw Errno.ENOENT.exception();
    }
    return found;
  }

  /** may_delete() of fs/namei.c, and no mount point is ever removed (EBUSY). */
  static void checkRemoval(WalkContext context, VfsPath directory, VfsPath victim) {
    Credentials who = context.caller().credentials();
    Permissions.checkNameChange(directory, who);
    if (victim.mount() != directory.mount() || context.namespace().isMountPoint(victim.dentry())) {
      throw Errno.EBUSY.exception();
    }
    Permissions.checkSticky(directory, victim.inode(), who);
  }
}
