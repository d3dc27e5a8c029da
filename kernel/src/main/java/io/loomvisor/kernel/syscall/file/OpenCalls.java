package io.loomvisor.kernel.syscall.file;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.CREAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.NAME_TO_HANDLE_AT;
import static io.loomvisor.kernel.syscall.SyscallNumber.OPEN;
import static io.loomvisor.kernel.syscall.SyscallNumber.OPENAT;
import static io.loomvisor.kernel.syscall.SyscallNumber.OPENAT2;
import static io.loomvisor.kernel.syscall.SyscallNumber.OPEN_BY_HANDLE_AT;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.syscall.ExtensibleStruct;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.mount.FileTree;
import java.nio.ByteBuffer;

/** open(2) and its forms. */
final class OpenCalls {
  /** VALID_OPEN_FLAGS: others are ignored by open and openat and refused by openat2. */
  private static final int VALID_FLAGS =
      OpenFlags.O_ACCMODE
          | OpenFlags.O_CREAT
          | OpenFlags.O_EXCL
          | OpenFlags.O_NOCTTY
          | OpenFlags.O_TRUNC
          | OpenFlags.O_APPEND
          | OpenFlags.O_NONBLOCK
          | OpenFlags.O_SYNC
          | OpenFlags.O_ASYNC
          | OpenFlags.O_DIRECT
          | OpenFlags.O_LARGEFILE
          | OpenFlags.O_DIRECTORY
          | OpenFlags.O_NOFOLLOW
          | OpenFlags.O_NOATIME
          | OpenFlags.O_CLOEXEC
          | OpenFlags.O_PATH
          | OpenFlags.O_TMPFILE;

  private static final int PATH_FLAGS =
      OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;

  /** The bit of O_TMPFILE that is not O_DIRECTORY. */
  private static final int TMPFILE_BIT = OpenFlags.O_TMPFILE & ~OpenFlags.O_DIRECTORY;

  private static final int RESOLVE_NO_XDEV = 1;
  private static final int RESOLVE_NO_MAGICLINKS = 2;
  private static final int RESOLVE_NO_SYMLINKS = 4;
  private static final int RESOLVE_BENEATH = 8;
  private static final int RESOLVE_IN_ROOT = 16;
  private static final int RESOLVE_CACHED = 32;

  /** sizeof(struct open_how): u64 flags, mode, resolve. */
  private static final int OPEN_HOW_SIZE = 24;

  private final KernelContext kernel;

  OpenCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  void register(SyscallTable.Builder b) {
    b.full(OPEN, quick((t, a) -> open(t, At.AT_FDCWD, a.get(0), a.getInt(1), a.getInt(2))));
    b.full(OPENAT, quick((t, a) -> open(t, a.getInt(0), a.get(1), a.getInt(2), a.getInt(3))));
    b.full(
        CREAT,
        (t, a) ->
            open(
                t,
                At.AT_FDCWD,
                a.get(0),
                OpenFlags.O_CREAT | OpenFlags.O_WRONLY | OpenFlags.O_TRUNC,
                a.getInt(1)));
    b.partial(OPENAT2, "RESOLVE_CACHED: EAGAIN", this::openat2);
    b.none(
        NAME_TO_HANDLE_AT,
        "file handles are not offered",
        (t, a) -> {
          throw Errno.EOPNOTSUPP.exception();
        });
    b.none(
        OPEN_BY_HANDLE_AT,
        "file handles are not offered",
        (t, a) -> {
          throw Errno.EPERM.exception();
        });
  }

  private long open(Task task, int dirfd, long path, int flags, int mode) {
    int known = flags & VALID_FLAGS;
    if ((known & OpenFlags.O_PATH) != 0) {
      known &= PATH_FLAGS;
    }
    boolean creates = (known & (OpenFlags.O_CREAT | TMPFILE_BIT)) != 0;
    return open(task, dirfd, path, known, creates ? mode & FileMode.PERMISSIONS : 0, 0);
  }

  private long openat2(Task task, SyscallArguments a) {
    ByteBuffer how = ExtensibleStruct.read(task, a.get(2), a.get(3), OPEN_HOW_SIZE);
    long flags = how.getLong(0);
    long mode = how.getLong(8);
    long resolve = how.getLong(16);
    boolean creates = (flags & (OpenFlags.O_CREAT | TMPFILE_BIT)) != 0;
    boolean path = (flags & OpenFlags.O_PATH) != 0;
    long known =
        RESOLVE_NO_XDEV
            | RESOLVE_NO_MAGICLINKS
            | RESOLVE_NO_SYMLINKS
            | RESOLVE_BENEATH
            | RESOLVE_IN_ROOT
            | RESOLVE_CACHED;
    if ((flags & ~VALID_FLAGS) != 0
        || (resolve & ~known) != 0
        || (resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) == (RESOLVE_BENEATH | RESOLVE_IN_ROOT)
        || (creates ? (mode & ~FileMode.PERMISSIONS) != 0 : mode != 0)
        || path && (flags & ~PATH_FLAGS) != 0) {
      throw Errno.EINVAL.exception();
    }
    if ((resolve & RESOLVE_CACHED) != 0) {
      throw Errno.EAGAIN.exception();
    }
    return open(task, a.getInt(0), a.get(1), (int) flags, (int) mode, walkFlags((int) resolve));
  }

  private static int walkFlags(int resolve) {
    return ((resolve & RESOLVE_NO_XDEV) != 0 ? FileTree.NO_XDEV : 0)
        | ((resolve & RESOLVE_NO_MAGICLINKS) != 0 ? FileTree.NO_MAGICLINKS : 0)
        | ((resolve & RESOLVE_NO_SYMLINKS) != 0 ? FileTree.NO_SYMLINKS : 0)
        | ((resolve & RESOLVE_BENEATH) != 0 ? FileTree.BENEATH : 0)
        | ((resolve & RESOLVE_IN_ROOT) != 0 ? FileTree.IN_ROOT : 0);
  }

  private long open(Task task, int dirfd, long path, int flags, int mode, int walkFlags) {
    if ((flags & TMPFILE_BIT) != 0 && (flags & OpenFlags.O_TMPFILE) != OpenFlags.O_TMPFILE) {
      throw Errno.EINVAL.exception();
    }
    try (At at = walkFlags == 0 ? At.of(task, dirfd, path) : At.restricted(task, dirfd, path)) {
      // Every 64-bit open is a large-file open, and F_GETFL shows it.
      int large = (flags & OpenFlags.O_PATH) != 0 ? 0 : OpenFlags.O_LARGEFILE;
      FileDescription d =
          kernel.fileTree().open(at.context(), at.path(), flags | large, mode, walkFlags);
      awaitOtherSide(task, d);
      return OpenFile.install(task, d, (flags & OpenFlags.O_CLOEXEC) != 0);
    }
  }

  /** A FIFO opens when its other side does (fifo(7)). */
  private static void awaitOtherSide(Task task, FileDescription d) {
    if (!d.openPending()) {
      return;
    }
    try {
      Blocking.await(
          task,
          d.waitQueue(),
          -1,
          Sleeper.FOREVER,
          Errno.EINTR,
          Errno.ERESTARTSYS,
          () -> !d.openPending());
    } catch (RuntimeException | Error e) {
      d.release();
      throw e;
    }
  }
}
