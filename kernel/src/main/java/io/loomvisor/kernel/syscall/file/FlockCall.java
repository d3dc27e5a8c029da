package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.lock.FileKey;
import io.loomvisor.kernel.lock.FileLocks;
import io.loomvisor.kernel.lock.LockedFile;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;

/** flock(2). */
final class FlockCall {
  private static final int LOCK_SH = 1;
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;
  private static final int LOCK_UN = 8;

  private final FileLocks locks;

  FlockCall(FileLocks locks) {
    this.locks = locks;
  }

  long call(Task task, SyscallArguments a) {
    int operation = a.getInt(1);
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      FileDescription d = f.description();
      int kind = operation & ~LOCK_NB;
      if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN) {
        throw Errno.EINVAL.exception();
      }
      FileKey key = FileKey.of(d);
      if (kind == LOCK_UN) {
        locks.unlockWhole(key, d);
        return 0;
      }
      boolean exclusive = kind == LOCK_EX;
      if (locks.lockWhole(key, d, exclusive, task.threadGroupId())) {
        return 0;
      }
      if ((operation & LOCK_NB) != 0) {
        throw Errno.EAGAIN.exception();
      }
      LockedFile file = locks.pin(key);
      try {
        Blocking.await(
            task,
            file.released(),
            1,
            Sleeper.FOREVER,
            Errno.EINTR,
            Errno.ERESTARTSYS,
            () -> locks.lockWhole(key, d, exclusive, task.threadGroupId()));
      } finally {
        locks.unpin(file);
      }
      return 0;
    }
  }
}
