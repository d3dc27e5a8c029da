package io.loomvisor.kernel.syscall.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.credential.PtraceAccess;
import io.loomvisor.kernel.process.PidFd;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryFlags;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.Credentials;

/** process_madvise(2). */
public final class ProcessAdviceCall {
  private final ProcessTree processes;

  public ProcessAdviceCall(ProcessTree processes) {
    this.processes = processes;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.PROCESS_MADVISE, this::advise);
  }

  private long advise(Task task, SyscallArguments a) {
    if (a.getInt(4) != 0) {
      throw Errno.EINVAL.exception();
    }
    IoVector ranges = IoVector.copyIn(task, a.get(1), a.get(2));
    int advice = a.getInt(3);
    try (OpenFile file = OpenFile.any(task, a.getInt(0))) {
      if (!(file.description() instanceof PidFd pidfd)) {
        throw Errno.EBADF.exception();
      }
      Task target = target(pidfd.group());
      PtraceAccess.check(task, target);
      MemoryManager memory = target.memoryManager();
      if (memory != task.memoryManager()) {
        checkForeign(task, advice);
      }
      if (!memory.acquireUser()) {
        throw Errno.ESRCH.exception();
      }
      try {
        return advise(memory, ranges, advice);
      } finally {
        memory.releaseUser();
      }
    }
  }

  private Task target(ThreadGroup group) {
    Task target = processes.task(group.id());
    if (target == null || target.group() != group) {
      throw Errno.ESRCH.exception();
    }
    return target;
  }

  /**
   * Advice that destroys nothing, and CAP_SYS_NICE (mm/madvise.c: process_madvise_remote_valid).
   */
  private static void checkForeign(Task task, int advice) {
    boolean harmless =
        switch (advice) {
          case MemoryFlags.MADV_COLD,
              MemoryFlags.MADV_PAGEOUT,
              MemoryFlags.MADV_WILLNEED,
              MemoryFlags.MADV_COLLAPSE ->
              true;
          default -> false;
        };
    if (!harmless) {
      throw Errno.EINVAL.exception();
    }
    if (!task.credentials().has(Credentials.CAP_SYS_NICE)) {
      throw Errno.EPERM.exception();
    }
  }

  /** Bytes advised before the first range that fails; its error if that is the first. */
  private static long advise(MemoryManager memory, IoVector ranges, int advice) {
    long done = 0;
    for (IoVector.Part range : ranges.parts()) {
      try {
        memory.madvise(range.address(), range.length(), advice);
      } catch (LinuxException e) {
        if (done == 0) {
          throw e;
        }
        return done;
      }
      done += range.length();
    }
    return done;
  }
}
