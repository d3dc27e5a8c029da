package io.loomvisor.kernel.syscall.socket;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;

/** getsockopt(2) and setsockopt(2). */
final class OptionCalls {
  /** No option is longer. */
  private static final int LONGEST = 4096;

  void register(SyscallTable.Builder b) {
    b.partial(
        SyscallNumber.SETSOCKOPT,
        "see docs/sockets.md; filters on AF_PACKET only",
        quick(OptionCalls::set));
    b.partial(SyscallNumber.GETSOCKOPT, "see docs/sockets.md", quick(OptionCalls::get));
  }

  private static long set(Task task, SyscallArguments a) {
    int length = a.getInt(4);
    if (length < 0) {
      throw Errno.EINVAL.exception();
    }
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      byte[] value = task.memory().copyIn(a.get(3), Math.min(length, LONGEST));
      s.socket().setOption(task, a.getInt(1), a.getInt(2), value);
      return 0;
    }
  }

  /** Stores as much as there is room for, and how much that is. */
  private static long get(Task task, SyscallArguments a) {
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      int room = task.memory().getInt(a.get(4));
      if (room < 0) {
        throw Errno.EINVAL.exception();
      }
      int n = s.socket().getOption(task, a.getInt(1), a.getInt(2), a.get(3), room);
      task.memory().putInt(a.get(4), n);
      return 0;
    }
  }
}
