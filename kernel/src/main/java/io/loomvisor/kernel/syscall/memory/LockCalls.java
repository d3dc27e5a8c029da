package io.loomvisor.kernel.syscall.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryFlags;
import io.loomvisor.vfs.Credentials;

/**
 * mlock(2) and kin: limits and accounting are Linux's; there is no swap in the sandbox, and what
 * the host pages out the sandbox cannot know.
 */
public final class LockCalls {
  private static final int ALL_FLAGS =
      MemoryFlags.MCL_CURRENT | MemoryFlags.MCL_FUTURE | MemoryFlags.MCL_ONFAULT;

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.MLOCK, (t, a) -> lock(t, a, false));
    b.full(SyscallNumber.MLOCK2, this::mlock2);
    b.full(SyscallNumber.MUNLOCK, this::munlock);
    b.full(SyscallNumber.MLOCKALL, this::mlockall);
    b.full(SyscallNumber.MUNLOCKALL, this::munlockall);
  }

  private static boolean unlimited(Task task) {
    return task.credentials().has(Credentials.CAP_IPC_LOCK);
  }

  private static long lock(Task task, SyscallArguments a, boolean onFault) {
    task.memoryManager().mlock(a.get(0), a.get(1), onFault, unlimited(task));
    return 0;
  }

  private long mlock2(Task task, SyscallArguments a) {
    int flags = a.getInt(2);
    if ((flags & ~MemoryFlags.MLOCK_ONFAULT) != 0) {
      throw Errno.EINVAL.exception();
    }
    return lock(task, a, flags != 0);
  }

  private long munlock(Task task, SyscallArguments a) {
    task.memoryManager().munlock(a.get(0), a.get(1));
    return 0;
  }

  private long mlockall(Task task, SyscallArguments a) {
    int flags = a.getInt(0);
    if (flags == 0 || (flags & ~ALL_FLAGS) != 0 || flags == MemoryFlags.MCL_ONFAULT) {
      throw Errno.EINVAL.exception();
    }
    task.memoryManager().mlockAll(flags, unlimited(task));
    return 0;
  }

  private long munlockall(Task task, SyscallArguments a) {
    task.memoryManager().mlockAll(0, true);
    return 0;
  }
}
