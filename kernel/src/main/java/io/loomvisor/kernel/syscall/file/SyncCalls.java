package io.loomvisor.kernel.syscall.file;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.FADVISE64;
import static io.loomvisor.kernel.syscall.SyscallNumber.FDATASYNC;
import static io.loomvisor.kernel.syscall.SyscallNumber.FSYNC;
import static io.loomvisor.kernel.syscall.SyscallNumber.READAHEAD;
import static io.loomvisor.kernel.syscall.SyscallNumber.SYNC;
import static io.loomvisor.kernel.syscall.SyscallNumber.SYNCFS;
import static io.loomvisor.kernel.syscall.SyscallNumber.SYNC_FILE_RANGE;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.mount.Mount;

/** Writing back, and advice on how files will be used. */
final class SyncCalls {
  private static final int LAST_ADVICE = 5;

  /** SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE, _WAIT_AFTER. */
  private static final int SYNC_FILE_RANGE_FLAGS = 7;

  void register(SyscallTable.Builder b) {
    b.full(FSYNC, (t, a) -> fsync(t, a, false));
    b.full(FDATASYNC, (t, a) -> fsync(t, a, true));
    b.full(SYNC, SyncCalls::sync);
    b.full(SYNCFS, SyncCalls::syncfs);
    b.full(SYNC_FILE_RANGE, SyncCalls::syncFileRange);
    b.full(FADVISE64, quick(SyncCalls::fadvise));
    b.full(READAHEAD, SyncCalls::readahead);
  }

  private static long fsync(Task task, SyscallArguments a, boolean dataOnly) {
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      f.description().fsync(dataOnly);
      return 0;
    }
  }

  private static long sync(Task task, SyscallArguments a) {
    task.fileSystem().namespace().mounts().stream()
        .map(Mount::filesystem)
        .distinct()
        .forEach(fs -> fs.sync());
    return 0;
  }

  private static long syncfs(Task task, SyscallArguments a) {
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      f.description().inode().filesystem().sync();
      return 0;
    }
  }

  private static long syncFileRange(Task task, SyscallArguments a) {
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      long offset = a.get(1);
      long length = a.get(2);
      if ((a.getInt(3) & ~SYNC_FILE_RANGE_FLAGS) != 0
          || offset < 0
          || length < 0
          || offset + length < 0) {
        throw Errno.EINVAL.exception();
      }
      switch (f.description().stat().mode() & FileMode.S_IFMT) {
        case FileMode.S_IFREG, FileMode.S_IFBLK -> f.description().fsync(true);
        case FileMode.S_IFDIR, FileMode.S_IFLNK -> {}
        default -> throw Errno.ESPIPE.exception();
      }
      return 0;
    }
  }

  /** readahead(2): checked as {@link #fadvise}. */
  private static long readahead(Task task, SyscallArguments a) {
    try (OpenFile f = OpenFile.readable(task, a.getInt(0))) {
      int type = f.description().stat().mode() & FileMode.S_IFMT;
      if (type != FileMode.S_IFREG && type != FileMode.S_IFBLK) {
        throw Errno.EINVAL.exception();
      }
      return 0;
    }
  }

  /** Advice is checked and needs no action: the page cache has no read-ahead to steer. */
  private static long fadvise(Task task, SyscallArguments a) {
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      if ((f.description().stat().mode() & FileMode.S_IFMT) == FileMode.S_IFIFO) {
        throw Errno.ESPIPE.exception();
      }
      if (a.get(2) < 0 || a.getInt(3) < 0 || a.getInt(3) > LAST_ADVICE) {
        throw Errno.EINVAL.exception();
      }
      return 0;
    }
  }
}
