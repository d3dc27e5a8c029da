package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.lock.FileKey;
import io.loomvisor.kernel.lock.FileLocks;
import io.loomvisor.kernel.lock.LockedFile;
import io.loomvisor.kernel.lock.RecordLock;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The locking commands of fcntl(2). struct flock:
 *
 * <pre>
 *   0        2          4    8         16      24      28
 *   | l_type | l_whence | -- | l_start | l_len | l_pid | -- |
 * </pre>
 */
final class RecordLockCalls {
  private static final int SIZE = 32;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;

  private final FileLocks locks;

  RecordLockCalls(FileLocks locks) {
    this.locks = locks;
  }

  /** What the struct asks for: type, and the range from first to last byte. */
  private record Request(short type, long start, long end) {}

  long set(Task task, FileDescription d, long address, boolean ofDescription, boolean wait) {
    ByteBuffer flock = read(task, address);
    if (ofDescription && flock.getInt(24) != 0) {
      throw Errno.EINVAL.exception();
    }
    Request r = parse(d, flock);
    FileKey key = FileKey.of(d);
    Object owner = ofDescription ? d : task.descriptors();
    if (r.type == F_UNLCK) {
      locks.unlock(key, owner, r.start, r.end);
      return 0;
    }
    if (r.type == F_RDLCK ? !d.readable() : !d.writable()) {
      throw Errno.EBADF.exception();
    }
    int pid = ofDescription ? -1 : task.threadGroupId();
    RecordLock wanted = new RecordLock(owner, pid, r.type == F_WRLCK, r.start, r.end, d);
    if (locks.lock(key, wanted, wait)) {
      return 0;
    }
    if (!wait) {
      throw Errno.EAGAIN.exception();
    }
    await(task, key, wanted);
    return 0;
  }

  private void await(Task task, FileKey key, RecordLock wanted) {
    LockedFile file = locks.pin(key);
    try {
      Blocking.await(
          task,
          file.released(),
          1,
          Sleeper.FOREVER,
          Errno.EINTR,
          Errno.ERESTARTSYS,
          () -> locks.lock(key, wanted, true));
    } finally {
      locks.stopWaiting(wanted.owner());
      locks.unpin(file);
    }
  }

  long test(Task task, FileDescription d, long address, boolean ofDescription) {
    ByteBuffer flock = read(task, address);
    if (ofDescription && flock.getInt(24) != 0) {
      throw Errno.EINVAL.exception();
    }
    Request r = parse(d, flock);
    if (r.type == F_UNLCK) {
      throw Errno.EINVAL.exception();
    }
    Object owner = ofDescription ? d : task.descriptors();
    RecordLock conflict =
        locks.test(FileKey.of(d), new RecordLock(owner, 0, r.type == F_WRLCK, r.start, r.end, d));
    if (conflict == null) {
      flock.putShort(0, F_UNLCK);
    } else {
      flock.putShort(0, conflict.exclusive() ? F_WRLCK : F_RDLCK);
      flock.putShort(2, (short) 0);
      flock.putLong(8, conflict.start());
      flock.putLong(
          16, conflict.end() == Long.MAX_VALUE ? 0 : conflict.end() - conflict.start() + 1);
      flock.putInt(24, conflict.pid());
    }
    task.memory().copyOut(address, flock.array());
    return 0;
  }

  private static ByteBuffer read(Task task, long address) {
    return ByteBuffer.wrap(task.memory().copyIn(address, SIZE)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** fs/locks.c: flock64_to_posix_lock. */
  private static Request parse(FileDescription d, ByteBuffer flock) {
    short type = flock.getShort(0);
    if (type < F_RDLCK || type > F_UNLCK) {
      throw Errno.EINVAL.exception();
    }
    long base =
        switch (flock.getShort(2)) {
          case 0 -> 0;
          case 1 -> d.seek(0, 1);
          case 2 -> d.stat().size();
          default -> throw Errno.EINVAL.exception();
        };
    long offset = flock.getLong(8);
    if (offset > Long.MAX_VALUE - base) {
      throw Errno.EOVERFLOW.exception();
    }
    return range(type, base + offset, flock.getLong(16));
  }

  private static Request range(short type, long start, long length) {
    if (start < 0) {
      throw Errno.EINVAL.exception();
    }
    if (length == 0) {
      return new Request(type, start, Long.MAX_VALUE);
    }
    if (length < 0) {
      if (start + length < 0) {
        throw Errno.EINVAL.exception();
      }
      return new Request(type, start + length, start - 1);
    }
    if (length - 1 > Long.MAX_VALUE - start) {
      throw Errno.EOVERFLOW.exception();
    }
    return new Request(type, start, start + length - 1);
  }
}
