package io.loomvisor.kernel.syscall.sched;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Scheduling;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.Credentials;

/**
 * A wanted change of policy and parameters, with the checks of kernel/sched/syscalls.c:
 * __sched_setscheduler, in its order.
 *
 * @param nice counts with SCHED_OTHER and SCHED_BATCH only
 */
record PolicyChange(Task target, int policy, int nice, int priority, boolean resetOnFork) {
  /** A change that leaves the nice value alone. */
  static PolicyChange of(Task target, int policy, int priority, boolean resetOnFork) {
    return new PolicyChange(target, policy, target.scheduling().nice(), priority, resetOnFork);
  }

  void apply(Task caller) {
    boolean known =
        Scheduling.realTime(policy) || Scheduling.fair(policy) || policy == Scheduling.SCHED_IDLE;
    if (!known
        || priority < 0
        || priority > Scheduling.MAX_PRIORITY
        || Scheduling.realTime(policy) != (priority != 0)) {
      throw Errno.EINVAL.exception();
    }
    if (!caller.credentials().has(Credentials.CAP_SYS_NICE) && !allowed(caller)) {
      throw Errno.EPERM.exception();
    }
    target.changeScheduling(
        s -> {
          Scheduling changed = s.withPolicy(policy, priority, resetOnFork);
          return Scheduling.fair(policy) ? changed.withNice(nice) : changed;
        });
  }

  /** Linux: user_check_sched_setscheduler. */
  private boolean allowed(Task caller) {
    Scheduling now = target.scheduling();
    ResourceLimits limits = target.group().limits();
    if (Scheduling.fair(policy)
        && nice < now.nice()
        && !PriorityCalls.mayRaise(caller, target, nice)) {
      return false;
    }
    if (Scheduling.realTime(policy)) {
      long limit = limits.soft(ResourceLimits.RLIMIT_RTPRIO);
      boolean newly = policy != now.policy() && limit == 0;
      if (newly || priority > now.priority() && priority > limit) {
        return false;
      }
    }
    boolean leavesIdle = now.policy() == Scheduling.SCHED_IDLE && policy != Scheduling.SCHED_IDLE;
    if (leavesIdle && !PriorityCalls.mayRaise(caller, target, now.nice())) {
      return false;
    }
    return SchedulingTargets.mayChange(caller, target) && (!now.resetOnFork() || resetOnFork);
  }
}
