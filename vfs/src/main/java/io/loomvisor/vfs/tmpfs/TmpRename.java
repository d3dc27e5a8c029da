package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Ownership;

/** One renameat2(2); runs in the file system's actor. */
record TmpRename(TmpDirectory from, String oldName, TmpDirectory to, String newName, int flags) {
  private static final int NOREPLACE = 1;
  private static final int EXCHANGE = 2;
  private static final int WHITEOUT = 4;

  /** Returns the file that lost its name, or null. */
  TmpInode run() {
    to.checkAlive();
    TmpInode moved = from.existing(oldName).inode();
    TmpDirectory.Entry there = to.entry(newName);
    if (there != null && (flags & NOREPLACE) != 0) {
      throw Errno.EEXIST.exception();
    }
    if (moved.isDirectory() && to.isWithin(moved)) {
      throw Errno.EINVAL.exception();
    }
    if ((flags & EXCHANGE) != 0) {
      exchange(moved, there);
      return null;
    }
    if (there != null && there.inode() == moved) {
      return null;
    }
    boolean whiteout = (flags & WHITEOUT) != 0;
    if (whiteout) {
      from.fs().chargeInode();
    }
    TmpInode replaced;
    try {
      replaced = there == null ? null : drop(moved, there.inode());
    } catch (LinuxException e) {
      if (whiteout) {
        from.fs().dischargeInode();
      }
      throw e;
    }
    from.remove(oldName);
    to.put(newName, moved);
    if (whiteout) {
      Ownership owner = new Ownership(0, 0, FileMode.S_IFCHR);
      from.put(oldName, new TmpSpecial(from.fs(), owner, 0));
    }
    moved.changed();
    from.modified();
    to.modified();
    return replaced;
  }

  private TmpInode drop(TmpInode moved, TmpInode victim) {
    if (moved.isDirectory()) {
      TmpDirectory.directory(victim).checkEmpty();
    } else if (victim.isDirectory()) {
      throw Errno.EISDIR.exception();
    }
    to.remove(newName);
    if (victim.isDirectory()) {
      victim.addLinks(-2);
    } else {
      victim.dropLink();
    }
    victim.changed();
    return victim;
  }

  private void exchange(TmpInode moved, TmpDirectory.Entry there) {
    if (there == null) {
      throw Errno.ENOENT.exception();
    }
    TmpInode other = there.inode();
    if (other.isDirectory() && from.isWithin(other)) {
      throw Errno.EINVAL.exception();
    }
    from.replace(oldName, other);
    to.replace(newName, moved);
    moved.changed();
    other.changed();
    from.modified();
    to.modified();
  }
}
