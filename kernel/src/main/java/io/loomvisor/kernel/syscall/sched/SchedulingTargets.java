package io.loomvisor.kernel.syscall.sched;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.vfs.Credentials;
import java.util.List;

/** Whose scheduling a call is about, and whether the caller may change it. */
final class SchedulingTargets {
  private final ProcessTree processes;

  SchedulingTargets(ProcessTree processes) {
    this.processes = processes;
  }

  /** The thread of {@code tid}, 0 for the caller; EINVAL if negative, ESRCH. */
  Task thread(Task caller, int tid) {
    if (tid < 0) {
      throw Errno.EINVAL.exception();
    }
    Task target = tid == 0 ? caller : processes.task(tid);
    if (target == null) {
      throw Errno.ESRCH.exception();
    }
    return target;
  }

  /** The one thread, 0 for the caller; empty if there is none. */
  List<Task> threadIfAny(Task caller, int tid) {
    Task target = tid == 0 ? caller : processes.task(tid);
    return target == null ? List.of() : List.of(target);
  }

  /** All threads of a process group, 0 for the caller's. */
  List<Task> group(Task caller, int pgid) {
    int wanted = pgid == 0 ? caller.processGroupId() : pgid;
    return processes.allTasks().stream().filter(t -> t.processGroupId() == wanted).toList();
  }

  /** All threads of a real user. */
  List<Task> user(int uid) {
    return processes.allTasks().stream().filter(t -> t.credentials().uid() == uid).toList();
  }

  /** Linux: check_same_owner, or CAP_SYS_NICE. */
  static boolean mayChange(Task caller, Task target) {
    Credentials mine = caller.credentials();
    Credentials theirs = target.credentials();
    return mine.euid() == theirs.euid()
        || mine.euid() == theirs.uid()
        || mine.has(Credentials.CAP_SYS_NICE);
  }
}
