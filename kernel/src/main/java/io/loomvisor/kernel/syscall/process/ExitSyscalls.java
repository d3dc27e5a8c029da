package io.loomvisor.kernel.syscall.process;

import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ChildEvent;

/** _exit(2) and exit_group(2). */
public final class ExitSyscalls {
  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.EXIT, this::exit);
    b.full(SyscallNumber.EXIT_GROUP, this::exitGroup);
  }

  private long exit(Task task, SyscallArguments a) {
    int status = ChildEvent.exited(a.getInt(0));
    task.group().setStatusOfLastThread(status);
    task.end(status);
    return 0;
  }

  private long exitGroup(Task task, SyscallArguments a) {
    task.group().exit(ChildEvent.exited(a.getInt(0)));
    return 0;
  }
}
