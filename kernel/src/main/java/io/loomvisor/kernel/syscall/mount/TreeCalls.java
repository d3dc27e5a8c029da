package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.syscall.ExtensibleStruct;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.MountAttributes;
import java.nio.ByteBuffer;

/** open_tree(2), move_mount(2), mount_setattr(2). The order of checks is fs/namespace.c's. */
final class TreeCalls {
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;

  private static final int MOVE_MOUNT_F_SYMLINKS = 1;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int MOVE_MOUNT_T_SYMLINKS = 0x10;
  private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;

  /** With the two AUTOMOUNTS flags; without SET_GROUP and BENEATH. */
  private static final int MOVE_MOUNT_KNOWN = 0x77;

  /** sizeof(struct mount_attr): u64 attr_set, attr_clr, propagation, userns_fd. */
  private static final int MOUNT_ATTR_SIZE = 32;

  private static final int PAGE = 4096;

  private final MountPaths paths;

  TreeCalls(MountPaths paths) {
    this.paths = paths;
  }

  void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.OPEN_TREE, this::openTree);
    b.partial(
        SyscallNumber.MOVE_MOUNT,
        "MOVE_MOUNT_SET_GROUP and MOVE_MOUNT_BENEATH: EINVAL",
        this::moveMount);
    b.partial(
        SyscallNumber.MOUNT_SETATTR,
        "MOUNT_ATTR_IDMAP and MOUNT_ATTR_NOSYMFOLLOW: EINVAL",
        this::setAttributes);
  }

  private long openTree(Task task, SyscallArguments a) {
    int flags = a.getInt(2);
    int known =
        AT_SYMLINK_NOFOLLOW
            | AT_NO_AUTOMOUNT
            | AT_EMPTY_PATH
            | AT_RECURSIVE
            | OPEN_TREE_CLONE
            | OpenFlags.O_CLOEXEC;
    boolean clone = (flags & OPEN_TREE_CLONE) != 0;
    boolean recursive = (flags & AT_RECURSIVE) != 0;
    if ((flags & ~known) != 0 || recursive && !clone) {
      throw Errno.EINVAL.exception();
    }
    if (clone) {
      MountPaths.checkAdministrator(task);
    }
    VfsPath place = walk(task, a, flags);
    FileDescription opened =
        clone
            ? task.fileSystem().namespace().detachedCopy(place, recursive).open()
            : paths.open(task, place);
    return OpenFile.install(task, opened, (flags & OpenFlags.O_CLOEXEC) != 0);
  }

  private VfsPath walk(Task task, SyscallArguments a, int flags) {
    return paths.walk(
        task,
        a.getInt(0),
        a.get(1),
        (flags & AT_SYMLINK_NOFOLLOW) == 0,
        (flags & AT_EMPTY_PATH) != 0);
  }

  private long moveMount(Task task, SyscallArguments a) {
    MountPaths.checkAdministrator(task);
    int flags = a.getInt(4);
    if ((flags & ~MOVE_MOUNT_KNOWN) != 0) {
      throw Errno.EINVAL.exception();
    }
    VfsPath to =
        paths.walk(
            task,
            a.getInt(2),
            a.get(3),
            (flags & MOVE_MOUNT_T_SYMLINKS) != 0,
            (flags & MOVE_MOUNT_T_EMPTY_PATH) != 0);
    VfsPath from =
        paths.walk(
            task,
            a.getInt(0),
            a.get(1),
            (flags & MOVE_MOUNT_F_SYMLINKS) != 0,
            (flags & MOVE_MOUNT_F_EMPTY_PATH) != 0);
    task.fileSystem().namespace().attachOrMove(from, to);
    return 0;
  }

  private long setAttributes(Task task, SyscallArguments a) {
    int flags = a.getInt(2);
    if ((flags & ~(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT)) != 0) {
      throw Errno.EINVAL.exception();
    }
    if (Long.compareUnsigned(a.get(4), PAGE) > 0) {
      throw Errno.E2BIG.exception();
    }
    if (a.get(4) < MOUNT_ATTR_SIZE) {
      throw Errno.EINVAL.exception();
    }
    MountPaths.checkAdministrator(task);
    ByteBuffer attr = ExtensibleStruct.read(task, a.get(3), a.get(4), MOUNT_ATTR_SIZE);
    long set = attr.getLong(0);
    long clear = attr.getLong(8);
    long propagation = attr.getLong(16);
    if (set == 0 && clear == 0 && propagation == 0) {
      return 0;
    }
    MountAttributes change = AttributeFlags.change(set, clear, propagation);
    VfsPath place = walk(task, a, flags);
    task.fileSystem().namespace().setAttributes(place, change, (flags & AT_RECURSIVE) != 0);
    return 0;
  }
}
