package io.loomvisor.kernel.syscall.process;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.process.PidFd;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;

/** Process ids, process groups and sessions (credentials(7)). */
public final class IdSyscalls {
  private final ProcessTree processes;

  public IdSyscalls(ProcessTree processes) {
    this.processes = processes;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.GETPID, (t, a) -> t.threadGroupId());
    b.full(SyscallNumber.GETTID, (t, a) -> t.threadId());
    b.full(SyscallNumber.GETPPID, (t, a) -> processes.parentOf(t.group()));
    b.full(SyscallNumber.GETPGRP, quick((t, a) -> t.processGroupId()));
    b.full(SyscallNumber.GETPGID, quick((t, a) -> target(t, a.getInt(0)).processGroupId()));
    b.full(SyscallNumber.GETSID, quick((t, a) -> target(t, a.getInt(0)).sessionId()));
    b.full(SyscallNumber.SETSID, (t, a) -> processes.createSession(t.group()));
    b.full(SyscallNumber.SETPGID, this::setpgid);
    b.full(SyscallNumber.PIDFD_OPEN, this::pidfdOpen);
  }

  private ThreadGroup target(Task task, int pid) {
    if (pid == 0) {
      return task.group();
    }
    ThreadGroup g = processes.group(pid);
    if (g == null) {
      throw Errno.ESRCH.exception();
    }
    return g;
  }

  private long setpgid(Task task, SyscallArguments a) {
    int pid = a.getInt(0) == 0 ? task.threadGroupId() : a.getInt(0);
    int pgid = a.getInt(1) == 0 ? pid : a.getInt(1);
    if (pgid < 0) {
      throw Errno.EINVAL.exception();
    }
    processes.setProcessGroup(task.group(), pid, pgid);
    return 0;
  }

  private long pidfdOpen(Task task, SyscallArguments a) {
    int pid = a.getInt(0);
    int flags = a.getInt(1);
    if (pid <= 0 || (flags & ~OpenFlags.O_NONBLOCK) != 0) {
      throw Errno.EINVAL.exception();
    }
    ThreadGroup group = processes.group(pid);
    if (group == null) {
      throw processes.task(pid) == null ? Errno.ESRCH.exception() : Errno.EINVAL.exception();
    }
    PidFd description = new PidFd(group, processes, flags);
    try {
      return task.descriptors().install(description, 0, task.group().limits().openFiles(), true);
    } catch (RuntimeException e) {
      description.release();
      throw e;
    }
  }
}
