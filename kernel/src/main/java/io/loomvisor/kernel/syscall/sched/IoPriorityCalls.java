package io.loomvisor.kernel.syscall.sched;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Scheduling;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.vfs.Credentials;
import java.util.List;

/** ioprio_get(2) and ioprio_set(2): class in bits 13 to 15, level in the lower three. */
public final class IoPriorityCalls {
  private static final int IOPRIO_WHO_PROCESS = 1;
  private static final int IOPRIO_WHO_PGRP = 2;
  private static final int IOPRIO_WHO_USER = 3;
  private static final int CLASS_SHIFT = 13;
  private static final int CLASS_MASK = 7;
  private static final int LEVEL_MASK = 7;
  private static final int CLASS_NONE = 0;
  private static final int CLASS_RT = 1;
  private static final int CLASS_BE = 2;
  private static final int CLASS_IDLE = 3;

  private final SchedulingTargets targets;

  public IoPriorityCalls(ProcessTree processes) {
    targets = new SchedulingTargets(processes);
  }

  public void register(SyscallTable.Builder b) {
    String note = "kept and inherited; the host orders its I/O as it likes";
    b.partial(SyscallNumber.IOPRIO_GET, note, this::get);
    b.partial(SyscallNumber.IOPRIO_SET, note, this::set);
  }

  private List<Task> targets(Task task, SyscallArguments a, int caller) {
    int who = a.getInt(1);
    return switch (a.getInt(0)) {
      case IOPRIO_WHO_PROCESS -> targets.threadIfAny(task, who);
      case IOPRIO_WHO_PGRP -> targets.group(task, who);
      case IOPRIO_WHO_USER -> targets.user(who == 0 ? caller : who);
      default -> throw Errno.EINVAL.exception();
    };
  }

  private long get(Task task, SyscallArguments a) {
    List<Task> found = targets(task, a, task.credentials().uid());
    if (found.isEmpty()) {
      throw Errno.ESRCH.exception();
    }
    if (a.getInt(0) == IOPRIO_WHO_PROCESS) {
      return found.getFirst().scheduling().ioPriority();
    }
    return found.stream().mapToInt(t -> effective(t.scheduling())).min().orElseThrow();
  }

  /** What counts if none was set follows from policy and nice value (ioprio.h). */
  private static int effective(Scheduling s) {
    if (s.ioPriority() >> CLASS_SHIFT != CLASS_NONE) {
      return s.ioPriority();
    }
    int defaultClass =
        s.policy() == Scheduling.SCHED_IDLE
            ? CLASS_IDLE
            : Scheduling.realTime(s.policy()) ? CLASS_RT : CLASS_BE;
    return defaultClass << CLASS_SHIFT | (s.nice() + 20) / 5;
  }

  private long set(Task task, SyscallArguments a) {
    int priority = a.getInt(2);
    check(task, priority);
    // Here, unlike in ioprio_get, user 0 is root (block/ioprio.c).
    Errno error = Errno.ESRCH;
    for (Task target : targets(task, a, 0)) {
      error = mayChange(task, target) ? null : Errno.EPERM;
      if (error != null) {
        break;
      }
      target.changeScheduling(s -> s.withIoPriority(priority));
    }
    if (error != null) {
      throw error.exception();
    }
    return 0;
  }

  private static void check(Task task, int priority) {
    Credentials c = task.credentials();
    switch (priority >> CLASS_SHIFT & CLASS_MASK) {
      case CLASS_RT -> {
        if (!c.has(Credentials.CAP_SYS_ADMIN) && !c.has(Credentials.CAP_SYS_NICE)) {
          throw Errno.EPERM.exception();
        }
      }
      case CLASS_BE, CLASS_IDLE -> {}
      case CLASS_NONE -> {
        if ((priority & LEVEL_MASK) != 0) {
          throw Errno.EINVAL.exception();
        }
      }
      default -> throw Errno.EINVAL.exception();
    }
  }

  private static boolean mayChange(Task caller, Task target) {
    Credentials mine = caller.credentials();
    int theirs = target.credentials().uid();
    return theirs == mine.euid() || theirs == mine.uid() || mine.has(Credentials.CAP_SYS_NICE);
  }
}
