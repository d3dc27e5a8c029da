package io.loomvisor.kernel.syscall.mount;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.Mount;
import io.loomvisor.vfs.mount.MountAttributes;

/** fsopen(2), fspick(2), fsconfig(2), fsmount(2). The order of checks is fs/fsopen.c's. */
final class FsContextCalls {
  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSPICK_CLOEXEC = 1;
  private static final int FSPICK_SYMLINK_NOFOLLOW = 2;
  private static final int FSPICK_NO_AUTOMOUNT = 4;
  private static final int FSPICK_EMPTY_PATH = 8;

  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_SET_BINARY = 2;
  private static final int FSCONFIG_SET_PATH = 3;
  private static final int FSCONFIG_SET_PATH_EMPTY = 4;
  private static final int FSCONFIG_SET_FD = 5;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int FSCONFIG_CMD_RECONFIGURE = 7;
  private static final int FSCONFIG_CMD_CREATE_EXCL = 8;

  private static final int AT_FDCWD = -100;
  private static final int MOST_BINARY = 1 << 20;
  private static final int PAGE = 4096;

  /** Longest key, longest string value, each with its NUL. */
  private static final int MOST_TEXT = 257;

  private final MountPaths paths;
  private final FilesystemTypes types;

  FsContextCalls(MountPaths paths, FilesystemTypes types) {
    this.paths = paths;
    this.types = types;
  }

  void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.FSOPEN, this::fsopen);
    b.partial(
        SyscallNumber.FSCONFIG,
        "a file system that is there changes to read-only and back, for the one mount; else its parameters are checked"
            + " and ignored",
        this::fsconfig);
    b.partial(SyscallNumber.FSMOUNT, "MOUNT_ATTR_NOSYMFOLLOW: EINVAL", this::fsmount);
    b.full(SyscallNumber.FSPICK, this::fspick);
  }

  private long fsopen(Task task, SyscallArguments a) {
    MountPaths.checkAdministrator(task);
    int flags = a.getInt(1);
    if ((flags & ~FSOPEN_CLOEXEC) != 0) {
      throw Errno.EINVAL.exception();
    }
    String type = text(task, a.get(0), PAGE);
    types.check(task.threadGroupId(), type);
    return OpenFile.install(
        task,
        new FsContextDescription(type, types, FsContextState.opened()),
        (flags & FSOPEN_CLOEXEC) != 0);
  }

  private long fspick(Task task, SyscallArguments a) {
    MountPaths.checkAdministrator(task);
    int flags = a.getInt(2);
    int known = FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW | FSPICK_NO_AUTOMOUNT | FSPICK_EMPTY_PATH;
    if ((flags & ~known) != 0) {
      throw Errno.EINVAL.exception();
    }
    VfsPath place =
        paths.walk(
            task,
            a.getInt(0),
            a.get(1),
            (flags & FSPICK_SYMLINK_NOFOLLOW) == 0,
            (flags & FSPICK_EMPTY_PATH) != 0);
    if (place.mount().root() != place.dentry()) {
      throw Errno.EINVAL.exception();
    }
    return OpenFile.install(
        task,
        new FsContextDescription(
            place.mount().filesystem().type(), types, FsContextState.picked(place)),
        (flags & FSPICK_CLOEXEC) != 0);
  }

  private long fsconfig(Task task, SyscallArguments a) {
    int fd = a.getInt(0);
    int command = a.getInt(1);
    if (fd < 0) {
      throw Errno.EINVAL.exception();
    }
    checkShape(command, a.get(2) != 0, a.get(3) != 0, a.getInt(4));
    try (OpenFile f = OpenFile.any(task, fd)) {
      FsContextDescription context = context(f.description());
      String key = a.get(2) == 0 ? null : text(task, a.get(2), MOST_TEXT);
      switch (command) {
        case FSCONFIG_SET_FLAG -> context.set(key, null);
        case FSCONFIG_SET_STRING -> context.set(key, text(task, a.get(3), MOST_TEXT));
        case FSCONFIG_CMD_CREATE, FSCONFIG_CMD_CREATE_EXCL -> {
          MountPaths.checkAdministrator(task);
          context.create(task.threadGroupId());
        }
        case FSCONFIG_CMD_RECONFIGURE -> reconfigure(task, context.reconfigure());
        default -> throw Errno.EINVAL.exception(); // no file system here takes such a parameter
      }
      return 0;
    }
  }

  /** Which arguments a command must have and which it must not. */
  private static void checkShape(int command, boolean key, boolean value, int aux) {
    boolean right =
        switch (command) {
          case FSCONFIG_SET_FLAG -> key && !value && aux == 0;
          case FSCONFIG_SET_STRING -> key && value && aux == 0;
          case FSCONFIG_SET_BINARY -> key && value && aux > 0 && aux <= MOST_BINARY;
          case FSCONFIG_SET_PATH, FSCONFIG_SET_PATH_EMPTY ->
              key && value && (aux == AT_FDCWD || aux >= 0);
          case FSCONFIG_SET_FD -> key && !value && aux >= 0;
          case FSCONFIG_CMD_CREATE, FSCONFIG_CMD_RECONFIGURE, FSCONFIG_CMD_CREATE_EXCL ->
              !key && !value && aux == 0;
          default -> throw Errno.EOPNOTSUPP.exception();
        };
    if (!right) {
      throw Errno.EINVAL.exception();
    }
  }

  private static void reconfigure(Task task, FsContextState wanted) {
    if (wanted.mount() != null && wanted.readOnly() != null) {
      int set = wanted.readOnly() ? Mount.MS_RDONLY : 0;
      task.fileSystem()
          .namespace()
          .setAttributes(wanted.mount(), new MountAttributes(set, Mount.MS_RDONLY, 0), false);
    }
  }

  private long fsmount(Task task, SyscallArguments a) {
    MountPaths.checkAdministrator(task);
    int flags = a.getInt(1);
    if ((flags & ~FSMOUNT_CLOEXEC) != 0) {
      throw Errno.EINVAL.exception();
    }
    int mountFlags = AttributeFlags.ofMount(a.getInt(2));
    FsContextState made;
    try (OpenFile f = OpenFile.any(task, a.getInt(0))) {
      made = context(f.description()).mount();
    }
    String source = made.source() == null ? "none" : made.source();
    FileDescription root =
        task.fileSystem()
            .namespace()
            .detached(
                made.filesystem(), source, mountFlags | (made.saysReadOnly() ? Mount.MS_RDONLY : 0))
            .open();
    return OpenFile.install(task, root, (flags & FSMOUNT_CLOEXEC) != 0);
  }

  private static FsContextDescription context(FileDescription description) {
    if (description instanceof FsContextDescription context) {
      return context;
    }
    throw Errno.EINVAL.exception();
  }

  /** strndup_user(): EINVAL if it is too long. */
  private static String text(Task task, long address, int limit) {
    try {
      return task.memory().copyInString(address, limit);
    } catch (LinuxException e) {
      throw e.errno() == Errno.ENAMETOOLONG ? Errno.EINVAL.exception() : e;
    }
  }
}
