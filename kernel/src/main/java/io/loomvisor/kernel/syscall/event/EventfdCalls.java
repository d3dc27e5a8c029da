package io.loomvisor.kernel.syscall.event;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.event.EventCounter;

/** eventfd(2) and eventfd2(2). */
public final class EventfdCalls {
  private static final int EFD_SEMAPHORE = 1;

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.EVENTFD, (t, a) -> create(t, a.getInt(0), 0));
    b.full(SyscallNumber.EVENTFD2, (t, a) -> create(t, a.getInt(0), a.getInt(1)));
  }

  private static long create(Task task, int initial, int flags) {
    if ((flags & ~(EFD_SEMAPHORE | OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
      throw Errno.EINVAL.exception();
    }
    EventCounter counter =
        new EventCounter(initial, (flags & EFD_SEMAPHORE) != 0, flags & OpenFlags.O_NONBLOCK);
    return OpenFile.install(task, counter, (flags & OpenFlags.O_CLOEXEC) != 0);
  }
}
