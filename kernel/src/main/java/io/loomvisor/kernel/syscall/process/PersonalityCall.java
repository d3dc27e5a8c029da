package io.loomvisor.kernel.syscall.process;

import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;

/** personality(2). */
public final class PersonalityCall {
  private static final int QUERY = -1;

  public void register(SyscallTable.Builder b) {
    b.partial(
        SyscallNumber.PERSONALITY,
        "PER_LINUX32, UNAME26, ADDR_NO_RANDOMIZE and READ_IMPLIES_EXEC have effect, the rest is kept",
        this::personality);
  }

  private long personality(Task task, SyscallArguments a) {
    int old = task.settings().personality();
    if (a.getInt(0) != QUERY) {
      task.settings().setPersonality(a.getInt(0));
    }
    return old;
  }
}
