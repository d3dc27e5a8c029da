package io.loomvisor.kernel.syscall.file;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.ACCESS;
import static io.loomvisor.kernel.syscall.SyscallNumber.FACCESSAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.FACCESSAT2;
import static io.loomvisor.kernel.syscall.SyscallNumber.FSTAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.FSTATFS;
import static io.loomvisor.kernel.syscall.SyscallNumber.LSTAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.NEWFSTATAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.STAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.STATFS;
import static io.loomvisor.kernel.syscall.SyscallNumber.STATX;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.WalkContext;

/** What a file is: stat(2), statx(2), access(2), statfs(2). */
final class StatCalls {
  private static final int AT_STATX_SYNC_TYPE = 0x6000;
  private static final int STATX_RESERVED = 0x8000_0000;

  private final KernelContext kernel;

  StatCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  void register(SyscallTable.Builder b) {
    b.full(STAT, quick((t, a) -> statAt(t, At.AT_FDCWD, a.get(0), a.get(1), 0)));
    b.full(
        LSTAT, quick((t, a) -> statAt(t, At.AT_FDCWD, a.get(0), a.get(1), At.AT_SYMLINK_NOFOLLOW)));
    b.full(NEWFSTATAT, quick((t, a) -> statAt(t, a.getInt(0), a.get(1), a.get(2), a.getInt(3))));
    b.full(FSTAT, quick(this::fstat));
    b.full(STATX, quick(this::statx));
    b.full(ACCESS, quick((t, a) -> access(t, At.AT_FDCWD, a.get(0), a.getInt(1), 0)));
    b.full(FACCESSAT, quick((t, a) -> access(t, a.getInt(0), a.get(1), a.getInt(2), 0)));
    b.full(FACCESSAT2, quick((t, a) -> access(t, a.getInt(0), a.get(1), a.getInt(2), a.getInt(3))));
    b.full(STATFS, quick(this::statfs));
    b.full(FSTATFS, quick(this::fstatfs));
  }

  private long fstat(Task task, SyscallArguments a) {
    try (OpenFile f = OpenFile.any(task, a.getInt(0))) {
      task.memory().copyOut(a.get(1), StatLayout.stat(f.description().stat()));
      return 0;
    }
  }

  private long statAt(Task task, int dirfd, long address, long buffer, int flags) {
    if ((flags & ~(At.AT_SYMLINK_NOFOLLOW | At.AT_NO_AUTOMOUNT | At.AT_EMPTY_PATH)) != 0) {
      throw Errno.EINVAL.exception();
    }
    String path = path(task, address, flags);
    if (isDescriptor(dirfd, path, flags)) {
      try (OpenFile f = OpenFile.any(task, dirfd)) {
        task.memory().copyOut(buffer, StatLayout.stat(f.description().stat()));
        return 0;
      }
    }
    try (At at = At.of(task, dirfd, path)) {
      VfsPath file = kernel.fileTree().walk(at.context(), at.path(), walkFlags(flags));
      task.memory().copyOut(buffer, StatLayout.stat(file.inode().statAfterWalk()));
      return 0;
    }
  }

  private long statx(Task task, SyscallArguments a) {
    int flags = a.getInt(2);
    int known = At.AT_SYMLINK_NOFOLLOW | At.AT_NO_AUTOMOUNT | At.AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    if ((a.getInt(3) & STATX_RESERVED) != 0
        || (flags & ~known) != 0
        || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE) {
      throw Errno.EINVAL.exception();
    }
    String path = path(task, a.get(1), flags);
    byte[] out;
    if (isDescriptor(a.getInt(0), path, flags)) {
      try (OpenFile f = OpenFile.any(task, a.getInt(0))) {
        FileDescription d = f.description();
        out = StatLayout.statx(d.stat(), d.path() == null ? 0 : d.path().mount().id());
      }
    } else {
      try (At at = At.of(task, a.getInt(0), path)) {
        VfsPath file = kernel.fileTree().walk(at.context(), at.path(), walkFlags(flags));
        out = StatLayout.statx(file.inode().statAfterWalk(), file.mount().id());
      }
    }
    task.memory().copyOut(a.get(4), out);
    return 0;
  }

  /** With AT_EMPTY_PATH a null pointer stands for the empty path (Linux 6.11). */
  static String path(Task task, long address, int flags) {
    return address == 0 && (flags & At.AT_EMPTY_PATH) != 0 ? "" : task.memory().copyInPath(address);
  }

  static boolean isDescriptor(int dirfd, String path, int flags) {
    return path.isEmpty() && (flags & At.AT_EMPTY_PATH) != 0 && dirfd != At.AT_FDCWD;
  }

  static int walkFlags(int atFlags) {
    return ((atFlags & At.AT_SYMLINK_NOFOLLOW) == 0 ? FileTree.FOLLOW : 0)
        | ((atFlags & At.AT_EMPTY_PATH) != 0 ? FileTree.EMPTY_PATH : 0);
  }

  private long access(Task task, int dirfd, long address, int mask, int flags) {
    if ((mask & ~7) != 0
        || (flags & ~(At.AT_EACCESS | At.AT_SYMLINK_NOFOLLOW | At.AT_EMPTY_PATH)) != 0) {
      throw Errno.EINVAL.exception();
    }
    try (At at = At.of(task, dirfd, address)) {
      Caller who = (flags & At.AT_EACCESS) != 0 ? task : new RealIdCaller(task);
      WalkContext context = At.from(task, at.context().start(), who);
      VfsPath file = kernel.fileTree().walk(context, at.path(), walkFlags(flags));
      kernel.fileTree().access(context, file, mask);
      return 0;
    }
  }

  private long statfs(Task task, SyscallArguments a) {
    WalkContext context = At.here(task);
    VfsPath file =
        kernel.fileTree().walk(context, task.memory().copyInPath(a.get(0)), FileTree.FOLLOW);
    task.memory().copyOut(a.get(1), StatLayout.statfs(kernel.fileTree().statfs(context, file)));
    return 0;
  }

  private long fstatfs(Task task, SyscallArguments a) {
    try (OpenFile f = OpenFile.any(task, a.getInt(0))) {
      FileDescription d = f.description();
      task.memory()
          .copyOut(
              a.get(1),
              StatLayout.statfs(
                  d.path() == null
                      ? d.statfs()
                      : kernel.fileTree().statfs(At.here(task), d.path())));
      return 0;
    }
  }
}
