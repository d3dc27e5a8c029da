package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.notify.FileNotice;

/** renameat2(2). */
final class Renaming {
  static final int NOREPLACE = 1;
  static final int EXCHANGE = 2;
  static final int WHITEOUT = 4;

  private Renaming() {}

  static void rename(WalkContext from, String oldPath, WalkContext to, String newPath, int flags) {
    if ((flags & ~(NOREPLACE | EXCHANGE | WHITEOUT)) != 0
        || (flags & EXCHANGE) != 0 && (flags & (NOREPLACE | WHITEOUT)) != 0) {
      throw Errno.EINVAL.exception();
    }
    PathWalk oldWalk = new PathWalk(from, oldPath, 0);
    VfsPath oldParent = oldWalk.toParent();
    PathWalk newWalk = new PathWalk(to, newPath, 0);
    VfsPath newParent = newWalk.toParent();
    if (oldParent.mount() != newParent.mount()) {
      throw Errno.EXDEV.exception();
    }
    if (oldWalk.last() != PathWalk.Last.NAME) {
      throw Errno.EBUSY.exception();
    }
    if (newWalk.last() != PathWalk.Last.NAME) {
      throw (flags & NOREPLACE) != 0 ? Errno.EEXIST.exception() : Errno.EBUSY.exception();
    }
    VfsPath moved = Naming.existing(oldWalk);
    VfsPath replaced = newWalk.lookupLast();
    checkTypes(oldWalk, newWalk, moved, replaced, flags);
    checkNotBelow(moved.dentry(), newParent.dentry(), Errno.EINVAL);
    if (replaced != null) {
      Errno wrong = (flags & EXCHANGE) != 0 ? Errno.EINVAL : Errno.ENOTEMPTY;
      checkNotBelow(replaced.dentry(), oldParent.dentry(), wrong);
    }
    if (replaced != null && replaced.inode() == moved.inode()) {
      // Two names of one file: both stay (rename(2)).
      return;
    }
    checkRights(from, oldParent, moved, newParent, replaced, flags);
    Dentry source = oldParent.dentry();
    Dentry target = newParent.dentry();
    int sourceSeen = source.changes();
    int targetSeen = target.changes();
    oldParent.inode().rename(oldWalk.lastName(), newParent.inode(), newWalk.lastName(), flags);
    String oldName = oldWalk.lastName();
    String newName = newWalk.lastName();
    Inode other = replaced == null ? null : replaced.inode();
    if ((flags & EXCHANGE) != 0) {
      source.exchange(oldName, sourceSeen, target, newName, targetSeen);
      FileNotice.exchanged(source, oldName, target, newName, moved.inode(), other);
    } else {
      source.move(oldName, target, newName, targetSeen);
      FileNotice.moved(source, oldName, target, newName, moved.inode(), other);
    }
  }

  private static void checkTypes(
      PathWalk oldWalk, PathWalk newWalk, VfsPath moved, VfsPath replaced, int flags) {
    boolean directory = FileMode.isDirectory(moved.inode().mode());
    if (replaced == null) {
      if ((flags & EXCHANGE) != 0) {
        throw Errno.ENOENT.exception();
      }
    } else if ((flags & NOREPLACE) != 0) {
      throw Errno.EEXIST.exception();
    } else if ((flags & EXCHANGE) != 0) {
      if (newWalk.trailingSlash() && !FileMode.isDirectory(replaced.inode().mode())) {
        throw Errno.ENOTDIR.exception();
      }
    }
    if (!directory
        && (oldWalk.trailingSlash() || (flags & EXCHANGE) == 0 && newWalk.trailingSlash())) {
      throw Errno.ENOTDIR.exception();
    }
  }

  private static void checkRights(
      WalkContext context,
      VfsPath oldParent,
      VfsPath moved,
      VfsPath newParent,
      VfsPath replaced,
      int flags) {
    Credentials who = context.caller().credentials();
    Naming.checkRemoval(context, oldParent, moved);
    boolean directory = FileMode.isDirectory(moved.inode().mode());
    if (replaced == null) {
      Permissions.checkNameChange(newParent, who);
    } else {
      Naming.checkRemoval(context, newParent, replaced);
      boolean onDirectory = FileMode.isDirectory(replaced.inode().mode());
      if ((flags & EXCHANGE) == 0 && directory != onDirectory) {
        throw directory ? Errno.ENOTDIR.exception() : Errno.EISDIR.exception();
      }
    }
    if (oldParent.dentry() != newParent.dentry() && directory) {
      // Its ".." changes.
      Permissions.check(moved.inode(), who, Permissions.WRITE);
    }
  }

  /** A directory cannot move below itself, nor can its ancestor be replaced. */
  private static void checkNotBelow(Dentry upper, Dentry directory, Errno otherwise) {
    for (Dentry d = directory; d != null; d = d.parent()) {
      if (d == upper) {
        throw otherwise.exception();
      }
    }
  }
}
