package io.loomvisor.kernel.syscall.file;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.LINK;
import static io.loomvisor.kernel.syscall.SyscallNumber.LINKAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.MKDIR;
import static io.loomvisor.kernel.syscall.SyscallNumber.MKDIRAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.MKNOD;
import static io.loomvisor.kernel.syscall.SyscallNumber.MKNODAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.READLINK;
import static io.loomvisor.kernel.syscall.SyscallNumber.READLINKAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.RENAME;
import static io.loomvisor.kernel.syscall.SyscallNumber.RENAMEAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.RENAMEAT2;
import static io.loomvisor.kernel.syscall.SyscallNumber.RMDIR;
import static io.loomvisor.kernel.syscall.SyscallNumber.SYMLINK;
import static io.loomvisor.kernel.syscall.SyscallNumber.SYMLINKAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.UNLINK;
import static io.loomvisor.kernel.syscall.SyscallNumber.UNLINKAT;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.mount.FileTree;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Making, moving and removing names. */
final class NameCalls {
  private static final int HERE = At.AT_FDCWD;
  private static final int RENAME_FLAGS = 7;

  private final KernelContext kernel;

  NameCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  void register(SyscallTable.Builder b) {
    b.full(MKDIR, (t, a) -> mkdir(t, HERE, a.get(0), a.getInt(1)));
    b.full(MKDIRAT, (t, a) -> mkdir(t, a.getInt(0), a.get(1), a.getInt(2)));
    b.full(RMDIR, (t, a) -> remove(t, HERE, a.get(0), At.AT_REMOVEDIR));
    b.full(UNLINK, quick((t, a) -> remove(t, HERE, a.get(0), 0)));
    b.full(UNLINKAT, quick((t, a) -> remove(t, a.getInt(0), a.get(1), a.getInt(2))));
    b.full(RENAME, (t, a) -> rename(t, HERE, a.get(0), HERE, a.get(1), 0));
    b.full(RENAMEAT, (t, a) -> rename(t, a.getInt(0), a.get(1), a.getInt(2), a.get(3), 0));
    b.full(
        RENAMEAT2, (t, a) -> rename(t, a.getInt(0), a.get(1), a.getInt(2), a.get(3), a.getInt(4)));
    b.full(LINK, (t, a) -> link(t, HERE, a.get(0), HERE, a.get(1), 0));
    b.full(LINKAT, (t, a) -> link(t, a.getInt(0), a.get(1), a.getInt(2), a.get(3), a.getInt(4)));
    b.full(SYMLINK, (t, a) -> symlink(t, a.get(0), HERE, a.get(1)));
    b.full(SYMLINKAT, (t, a) -> symlink(t, a.get(0), a.getInt(1), a.get(2)));
    b.full(READLINK, quick((t, a) -> readlink(t, HERE, a.get(0), a.get(1), a.getInt(2))));
    b.full(READLINKAT, quick((t, a) -> readlink(t, a.getInt(0), a.get(1), a.get(2), a.getInt(3))));
    b.full(MKNOD, (t, a) -> mknod(t, HERE, a.get(0), a.getInt(1), a.getInt(2)));
    b.full(MKNODAT, (t, a) -> mknod(t, a.getInt(0), a.get(1), a.getInt(2), a.getInt(3)));
  }

  private long mkdir(Task task, int dirfd, long path, int mode) {
    try (At at = At.of(task, dirfd, path)) {
      kernel.fileTree().mkdir(at.context(), at.path(), mode & 01777);
      return 0;
    }
  }

  private long remove(Task task, int dirfd, long path, int flags) {
    if ((flags & ~At.AT_REMOVEDIR) != 0) {
      throw Errno.EINVAL.exception();
    }
    try (At at = At.of(task, dirfd, path)) {
      if (flags != 0) {
        kernel.fileTree().rmdir(at.context(), at.path());
      } else {
        kernel.fileTree().unlink(at.context(), at.path());
      }
      return 0;
    }
  }

  private long rename(Task task, int oldDir, long oldPath, int newDir, long newPath, int flags) {
    boolean exchange = (flags & 2) != 0;
    if ((flags & ~RENAME_FLAGS) != 0 || exchange && (flags & 5) != 0) {
      throw Errno.EINVAL.exception();
    }
    try (At from = At.of(task, oldDir, oldPath);
        At to = At.of(task, newDir, newPath)) {
      kernel.fileTree().rename(from.context(), from.path(), to.context(), to.path(), flags);
      return 0;
    }
  }

  private long link(Task task, int oldDir, long oldPath, int newDir, long newPath, int flags) {
    if ((flags & ~(At.AT_SYMLINK_FOLLOW | At.AT_EMPTY_PATH)) != 0) {
      throw Errno.EINVAL.exception();
    }
    int walk =
        ((flags & At.AT_SYMLINK_FOLLOW) != 0 ? FileTree.FOLLOW : 0)
            | ((flags & At.AT_EMPTY_PATH) != 0 ? FileTree.EMPTY_PATH : 0);
    try (At from = At.of(task, oldDir, oldPath);
        At to = At.of(task, newDir, newPath)) {
      VfsPath existing = kernel.fileTree().walk(from.context(), from.path(), walk);
      kernel.fileTree().link(to.context(), existing, to.path());
      return 0;
    }
  }

  private long symlink(Task task, long target, int dirfd, long path) {
    String text = task.memory().copyInPath(target);
    if (text.isEmpty()) {
      throw Errno.ENOENT.exception();
    }
    try (At at = At.of(task, dirfd, path)) {
      kernel.fileTree().symlink(at.context(), text, at.path());
      return 0;
    }
  }

  /** An empty path means the link that {@code dirfd} was opened on with O_PATH. */
  private long readlink(Task task, int dirfd, long path, long buffer, int size) {
    if (size <= 0) {
      throw Errno.EINVAL.exception();
    }
    try (At at = At.of(task, dirfd, path)) {
      String target = kernel.fileTree().readlink(at.context(), at.path(), FileTree.EMPTY_PATH);
      byte[] bytes = target.getBytes(StandardCharsets.ISO_8859_1);
      byte[] out = bytes.length > size ? Arrays.copyOf(bytes, size) : bytes;
      task.memory().copyOut(buffer, out);
      return out.length;
    }
  }

  private long mknod(Task task, int dirfd, long path, int mode, int dev) {
    int type = mode & FileMode.S_IFMT;
    if (type == FileMode.S_IFDIR) {
      throw Errno.EPERM.exception();
    }
    boolean device = type == FileMode.S_IFCHR || type == FileMode.S_IFBLK;
    int full = type == 0 ? mode | FileMode.S_IFREG : mode;
    try (At at = At.of(task, dirfd, path)) {
      kernel
          .fileTree()
          .mknod(at.context(), at.path(), full & 0177777, device ? Integer.toUnsignedLong(dev) : 0);
      return 0;
    }
  }
}
