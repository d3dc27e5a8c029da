package io.loomvisor.kernel.syscall.sched;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Scheduling;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.Credentials;
import java.util.List;

/** getpriority(2) and setpriority(2). */
public final class PriorityCalls {
  private static final int PRIO_PROCESS = 0;
  private static final int PRIO_PGRP = 1;
  private static final int PRIO_USER = 2;

  private final SchedulingTargets targets;

  public PriorityCalls(ProcessTree processes) {
    targets = new SchedulingTargets(processes);
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.GETPRIORITY, this::getPriority);
    b.partial(SyscallNumber.SETPRIORITY, Notes.PRIORITY, this::setPriority);
  }

  private List<Task> targets(Task task, SyscallArguments a) {
    int who = a.getInt(1);
    return switch (a.getInt(0)) {
      case PRIO_PROCESS -> targets.threadIfAny(task, who);
      case PRIO_PGRP -> targets.group(task, who);
      case PRIO_USER -> targets.user(who == 0 ? task.credentials().uid() : who);
      default -> throw Errno.EINVAL.exception();
    };
  }

  /** The highest of all, as 20 - nice, so that it is no error code. */
  private long getPriority(Task task, SyscallArguments a) {
    return targets(task, a).stream()
        .mapToLong(t -> 20 - t.scheduling().nice())
        .max()
        .orElseThrow(Errno.ESRCH::exception);
  }

  /** The last error counts, as in Linux: set_one_prio. */
  private long setPriority(Task task, SyscallArguments a) {
    int nice = Math.clamp(a.getInt(2), Scheduling.MIN_NICE, Scheduling.MAX_NICE);
    Errno error = Errno.ESRCH;
    for (Task target : targets(task, a)) {
      if (!SchedulingTargets.mayChange(task, target)) {
        error = Errno.EPERM;
      } else if (nice < target.scheduling().nice() && !mayRaise(task, target, nice)) {
        error = Errno.EACCES;
      } else {
        target.changeScheduling(s -> s.withNice(nice));
        error = error == Errno.ESRCH ? null : error;
      }
    }
    if (error != null) {
      throw error.exception();
    }
    return 0;
  }

  /** Linux: can_nice. RLIMIT_NICE counts from 1 for nice 19 to 40 for nice -20. */
  static boolean mayRaise(Task caller, Task target, int nice) {
    return 20 - nice <= target.group().limits().soft(ResourceLimits.RLIMIT_NICE)
        || caller.credentials().has(Credentials.CAP_SYS_NICE);
  }
}
