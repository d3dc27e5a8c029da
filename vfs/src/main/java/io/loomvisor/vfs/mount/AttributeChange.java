package io.loomvisor.vfs.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.notify.FileNotice;

/**
 * chmod(2), chown(2), truncate(2), utimensat(2): who may, and what else changes with it
 * (setattr_prepare of fs/attr.c).
 */
final class AttributeChange {
  private AttributeChange() {}

  static void apply(WalkContext context, VfsPath file, SetAttributes change, boolean timesAreNow) {
    Credentials who = context.caller().credentials();
    Inode inode = file.inode();
    Permissions.checkWritableMount(file);
    SetAttributes checked = change;
    if (change.uid() != null || change.gid() != null) {
      checked = checkOwner(inode, change, who);
    }
    if (change.mode() != null) {
      checked = checkMode(inode, checked, who);
    }
    if (change.size() != null) {
      checkSize(inode, who);
      inode.checkNotRunning();
      checked = with(checked, truncation(inode, change.size(), who).mode());
    }
    if (change.atime() != null || change.mtime() != null) {
      checkTimes(inode, who, timesAreNow);
    }
    inode.setAttributes(checked);
    FileNotice.changed(file, checked);
  }

  /** A change of the size, which takes the set-id bits away unless the caller has CAP_FSETID. */
  static SetAttributes truncation(Inode inode, long size, Credentials who) {
    int mode = inode.mode();
    int stripped = withoutSetId(mode);
    boolean strip = stripped != mode && !who.has(Credentials.CAP_FSETID);
    return new SetAttributes(
        strip ? stripped & FileMode.PERMISSIONS : null, null, null, size, null, null);
  }

  /**
   * Set-user-ID goes; set-group-ID goes if the group may execute (else it once meant mandatory
   * locking).
   */
  static int withoutSetId(int mode) {
    int without = mode & ~FileMode.S_ISUID;
    return (mode & 0010) != 0 ? without & ~FileMode.S_ISGID : without;
  }

  private static SetAttributes checkOwner(Inode inode, SetAttributes change, Credentials who) {
    int uid = inode.uid();
    boolean owner = who.fsuid() == uid;
    boolean capable = who.has(Credentials.CAP_CHOWN);
    if (change.uid() != null && !capable && !(owner && change.uid() == uid)) {
      throw Errno.EPERM.exception();
    }
    if (change.gid() != null
        && !capable
        && !(owner && (who.inGroup(change.gid()) || change.gid() == inode.gid()))) {
      throw Errno.EPERM.exception();
    }
    int mode = inode.mode();
    if (FileMode.isDirectory(mode) || FileMode.isSymlink(mode) || change.mode() != null) {
      return change;
    }
    int stripped = withoutSetId(mode);
    return stripped == mode ? change : with(change, stripped & FileMode.PERMISSIONS);
  }

  private static SetAttributes checkMode(Inode inode, SetAttributes change, Credentials who) {
    if (FileMode.isSymlink(inode.mode())) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (!Permissions.ownerOrCapable(inode, who)) {
      throw Errno.EPERM.exception();
    }
    int gid = change.gid() != null ? change.gid() : inode.gid();
    int mode = change.mode() & FileMode.PERMISSIONS;
    boolean keepsGroup = who.inGroup(gid) || who.has(Credentials.CAP_FSETID);
    return with(change, keepsGroup ? mode : mode & ~FileMode.S_ISGID);
  }

  private static void checkSize(Inode inode, Credentials who) {
    int mode = inode.mode();
    if (FileMode.isDirectory(mode)) {
      throw Errno.EISDIR.exception();
    }
    if (!FileMode.isRegular(mode)) {
      throw Errno.EINVAL.exception();
    }
    Permissions.check(inode, who, Permissions.WRITE);
  }

  private static void checkTimes(Inode inode, Credentials who, boolean timesAreNow) {
    if (Permissions.ownerOrCapable(inode, who)) {
      return;
    }
    if (!timesAreNow) {
      throw Errno.EPERM.exception();
    }
    Permissions.check(inode, who, Permissions.WRITE);
  }

  private static SetAttributes with(SetAttributes change, Integer mode) {
    return mode == null
        ? change
        : new SetAttributes(
            mode, change.uid(), change.gid(), change.size(), change.atime(), change.mtime());
  }
}
