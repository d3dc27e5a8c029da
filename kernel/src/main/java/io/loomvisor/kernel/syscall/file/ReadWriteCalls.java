package io.loomvisor.kernel.syscall.file;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.PREAD64;
import static io.loomvisor.kernel.syscall.SyscallNumber.PREADV;
import static io.loomvisor.kernel.syscall.SyscallNumber.PREADV2;
import static io.loomvisor.kernel.syscall.SyscallNumber.PWRITE64;
import static io.loomvisor.kernel.syscall.SyscallNumber.PWRITEV;
import static io.loomvisor.kernel.syscall.SyscallNumber.PWRITEV2;
import static io.loomvisor.kernel.syscall.SyscallNumber.READ;
import static io.loomvisor.kernel.syscall.SyscallNumber.READV;
import static io.loomvisor.kernel.syscall.SyscallNumber.WRITE;
import static io.loomvisor.kernel.syscall.SyscallNumber.WRITEV;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.notify.FileNotice;

/** read(2), write(2) and their vector and positioned forms. */
final class ReadWriteCalls {
  /** MAX_RW_COUNT: no call moves more. */
  static final long MAX_COUNT = 0x7fff_f000L;

  private static final int RWF_HIPRI = 1;
  private static final int RWF_DSYNC = 2;
  private static final int RWF_SYNC = 4;
  private static final int RWF_NOWAIT = 8;
  private static final int RWF_APPEND = 16;

  void register(SyscallTable.Builder b) {
    b.full(READ, quick(this::read));
    b.full(WRITE, quick(this::write));
    b.full(PREAD64, quick(this::pread64));
    b.full(PWRITE64, quick(this::pwrite64));
    b.full(READV, quick((t, a) -> readVector(t, a, -1, 0)));
    b.full(WRITEV, quick((t, a) -> writeVector(t, a, -1, 0)));
    b.full(PREADV, quick((t, a) -> readVector(t, a, position(a.get(3)), 0)));
    b.full(PWRITEV, quick((t, a) -> writeVector(t, a, position(a.get(3)), 0)));
    String note = "RWF_ATOMIC and RWF_DONTCACHE: EOPNOTSUPP";
    b.partial(PREADV2, note, (t, a) -> readVector(t, a, positionOrHere(a.get(3)), flags(a, 0)));
    b.partial(
        PWRITEV2,
        note,
        (t, a) -> writeVector(t, a, positionOrHere(a.get(3)), flags(a, RWF_APPEND)));
  }

  private long read(Task task, SyscallArguments a) {
    try (OpenFile f = OpenFile.readable(task, a.getInt(0))) {
      FileDescription d = f.description();
      IoTarget target = target(task, a.get(1), a.get(2));
      return noticed(task, d, Blocking.run(task, d, Blocking.READ, () -> d.read(target)), 1);
    }
  }

  private long pread64(Task task, SyscallArguments a) {
    long offset = position(a.get(3));
    try (OpenFile f = OpenFile.readable(task, a.getInt(0))) {
      FileDescription d = f.description();
      IoTarget target = target(task, a.get(1), a.get(2));
      checkRange(offset, a.get(2));
      return noticed(
          task, d, Blocking.run(task, d, Blocking.READ, () -> d.pread(target, offset)), 1);
    }
  }

  private long readVector(Task task, SyscallArguments a, long offset, int flags) {
    try (OpenFile f = OpenFile.readable(task, a.getInt(0))) {
      FileDescription d = f.description();
      IoTarget target = task.memory().targetVector(a.get(1), a.getInt(2));
      checkRange(offset, target.remaining());
      if ((flags & RWF_NOWAIT) != 0) {
        return noticed(task, d, offset < 0 ? d.read(target) : d.pread(target, offset), 0);
      }
      long n =
          Blocking.run(
              task, d, Blocking.READ, () -> offset < 0 ? d.read(target) : d.pread(target, offset));
      return noticed(task, d, n, 0);
    }
  }

  /** Those who watch the file hear of reads of {@code least} bytes or more: of none by readv. */
  private static long noticed(Task task, FileDescription d, long count, int least) {
    task.counters().countReadCall();
    task.counters().countRead(count);
    if (count >= least) {
      FileNotice.accessed(d);
    }
    return count;
  }

  private long write(Task task, SyscallArguments a) {
    try (OpenFile f = OpenFile.writable(task, a.getInt(0))) {
      return Writing.write(task, f.description(), source(task, a.get(1), a.get(2)), -1, false);
    }
  }

  private long pwrite64(Task task, SyscallArguments a) {
    long offset = position(a.get(3));
    try (OpenFile f = OpenFile.writable(task, a.getInt(0))) {
      IoSource source = source(task, a.get(1), a.get(2));
      checkRange(offset, a.get(2));
      return Writing.write(task, f.description(), source, offset, false);
    }
  }

  private long writeVector(Task task, SyscallArguments a, long offset, int flags) {
    try (OpenFile f = OpenFile.writable(task, a.getInt(0))) {
      FileDescription d = f.description();
      IoSource source = task.memory().sourceVector(a.get(1), a.getInt(2));
      checkRange(offset, source.remaining());
      long n =
          (flags & RWF_APPEND) != 0
              ? Writing.append(task, d, source, offset < 0)
              : Writing.write(task, d, source, offset, (flags & RWF_NOWAIT) != 0);
      if ((flags & (RWF_DSYNC | RWF_SYNC)) != 0) {
        d.fsync((flags & RWF_SYNC) == 0);
      }
      return n;
    }
  }

  /** rw_verify_area() of fs/read_write.c: EINVAL if the range ends beyond the largest offset. */
  private static void checkRange(long offset, long count) {
    if (count < 0 || offset >= 0 && offset + count < 0) {
      throw Errno.EINVAL.exception();
    }
  }

  private static IoTarget target(Task task, long address, long count) {
    IoTarget whole = task.memory().target(address, count);
    return count > MAX_COUNT ? task.memory().target(address, MAX_COUNT) : whole;
  }

  private static IoSource source(Task task, long address, long count) {
    IoSource whole = task.memory().source(address, count);
    return count > MAX_COUNT ? task.memory().source(address, MAX_COUNT) : whole;
  }

  private static long position(long offset) {
    if (offset < 0) {
      throw Errno.EINVAL.exception();
    }
    return offset;
  }

  private static long positionOrHere(long offset) {
    return offset == -1 ? -1 : position(offset);
  }

  private static int flags(SyscallArguments a, int more) {
    int flags = a.getInt(5);
    if ((flags & ~(more | RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT)) != 0) {
      throw Errno.EOPNOTSUPP.exception();
    }
    return flags;
  }
}
