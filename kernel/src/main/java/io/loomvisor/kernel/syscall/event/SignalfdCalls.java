package io.loomvisor.kernel.syscall.event;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.signal.SignalDescription;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;

/** signalfd(2) and signalfd4(2). */
public final class SignalfdCalls {
  private static final int SIGSET_SIZE = 8;

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.SIGNALFD, (t, a) -> signalfd(t, a, 0));
    b.full(SyscallNumber.SIGNALFD4, (t, a) -> signalfd(t, a, a.getInt(3)));
  }

  /** Descriptor -1 makes a new one; another one gets a new set. */
  private static long signalfd(Task task, SyscallArguments a, int flags) {
    if (a.get(2) != SIGSET_SIZE) {
      throw Errno.EINVAL.exception();
    }
    long set = task.memory().getLong(a.get(1));
    if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
      throw Errno.EINVAL.exception();
    }
    int fd = a.getInt(0);
    if (fd == -1) {
      return OpenFile.install(
          task,
          new SignalDescription(set, flags & OpenFlags.O_NONBLOCK),
          (flags & OpenFlags.O_CLOEXEC) != 0);
    }
    try (OpenFile file = OpenFile.of(task, fd)) {
      if (!(file.description() instanceof SignalDescription d)) {
        throw Errno.EINVAL.exception();
      }
      d.setWanted(set);
      return fd;
    }
  }
}
