package io.loomvisor.kernel.syscall.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.ProcessTree;
import java.util.HashSet;
import java.util.Set;

/**
 * membarrier(2). Who runs in an address space is got out of its vCPU, which is a full barrier, and
 * its way back in by IRET serializes the instruction stream too.
 */
public final class BarrierCall {
  private static final int QUERY = 0;
  private static final int GLOBAL = 1;
  private static final int GLOBAL_EXPEDITED = 1 << 1;
  private static final int REGISTER_GLOBAL_EXPEDITED = 1 << 2;
  private static final int PRIVATE_EXPEDITED = 1 << 3;
  private static final int REGISTER_PRIVATE_EXPEDITED = 1 << 4;
  private static final int PRIVATE_EXPEDITED_SYNC_CORE = 1 << 5;
  private static final int REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 1 << 6;
  private static final int GET_REGISTRATIONS = 1 << 9;
  private static final int ALL =
      GLOBAL
          | GLOBAL_EXPEDITED
          | REGISTER_GLOBAL_EXPEDITED
          | PRIVATE_EXPEDITED
          | REGISTER_PRIVATE_EXPEDITED
          | PRIVATE_EXPEDITED_SYNC_CORE
          | REGISTER_PRIVATE_EXPEDITED_SYNC_CORE
          | GET_REGISTRATIONS;

  private final ProcessTree processes;

  public BarrierCall(ProcessTree processes) {
    this.processes = processes;
  }

  public void register(SyscallTable.Builder b) {
    b.partial(SyscallNumber.MEMBARRIER, "no barriers of restartable sequences", this::membarrier);
  }

  private long membarrier(Task task, SyscallArguments a) {
    if (a.getInt(1) != 0) {
      throw Errno.EINVAL.exception();
    }
    MemoryManager memory = task.memoryManager();
    int command = a.getInt(0);
    switch (command) {
      case QUERY -> {
        return ALL;
      }
      case GLOBAL -> everywhere(0);
      case GLOBAL_EXPEDITED -> everywhere(REGISTER_GLOBAL_EXPEDITED);
      case REGISTER_GLOBAL_EXPEDITED,
          REGISTER_PRIVATE_EXPEDITED,
          REGISTER_PRIVATE_EXPEDITED_SYNC_CORE ->
          memory.registerBarrier(command);
      // The registration of a command is the next higher bit.
      case PRIVATE_EXPEDITED, PRIVATE_EXPEDITED_SYNC_CORE -> {
        if ((memory.barrierRegistrations() & command << 1) == 0) {
          throw Errno.EPERM.exception();
        }
        memory.addressSpace().barrier();
      }
      case GET_REGISTRATIONS -> {
        return memory.barrierRegistrations();
      }
      default -> throw Errno.EINVAL.exception();
    }
    return 0;
  }

  /** A barrier in every address space that has registered; in all with 0. */
  private void everywhere(int registration) {
    Set<MemoryManager> spaces = new HashSet<>();
    for (Task t : processes.allTasks()) {
      MemoryManager m = t.memoryManager();
      boolean wanted = (m.barrierRegistrations() & registration) == registration;
      if (wanted && spaces.add(m) && m.acquireUser()) {
        try {
          m.addressSpace().barrier();
        } finally {
          m.releaseUser();
        }
      }
    }
  }
}
