package io.loomvisor.kernel.syscall.sched;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Scheduling;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** sched_setscheduler(2), sched_setparam(2) and what asks for them. */
public final class PolicyCalls {
  private static final int SCHED_RESET_ON_FORK = 0x4000_0000;

  /** RR_TIMESLICE: 100 ms; the others have what Linux's fair class has at HZ 250. */
  private static final long RR_NANOS = 100_000_000;

  private static final long FAIR_NANOS = 4_000_000;

  private final SchedulingTargets targets;

  public PolicyCalls(ProcessTree processes) {
    targets = new SchedulingTargets(processes);
  }

  public void register(SyscallTable.Builder b) {
    b.partial(SyscallNumber.SCHED_SETSCHEDULER, Notes.POLICY, this::setScheduler);
    b.partial(SyscallNumber.SCHED_SETPARAM, Notes.POLICY, this::setParameter);
    b.full(SyscallNumber.SCHED_GETSCHEDULER, quick(this::getScheduler));
    b.full(SyscallNumber.SCHED_GETPARAM, this::getParameter);
    b.full(
        SyscallNumber.SCHED_GET_PRIORITY_MAX,
        quick((t, a) -> bound(a.getInt(0), Scheduling.MAX_PRIORITY)));
    b.full(SyscallNumber.SCHED_GET_PRIORITY_MIN, quick((t, a) -> bound(a.getInt(0), 1)));
    b.full(SyscallNumber.SCHED_RR_GET_INTERVAL, this::interval);
  }

  private static long bound(int policy, int realTime) {
    return switch (policy) {
      case Scheduling.SCHED_FIFO, Scheduling.SCHED_RR -> realTime;
      case Scheduling.SCHED_OTHER,
          Scheduling.SCHED_BATCH,
          Scheduling.SCHED_IDLE,
          Scheduling.SCHED_DEADLINE,
          Scheduling.SCHED_EXT ->
          0;
      default -> throw Errno.EINVAL.exception();
    };
  }

  private long setScheduler(Task task, SyscallArguments a) {
    int policy = a.getInt(1);
    if (policy < 0) {
      throw Errno.EINVAL.exception();
    }
    int priority = parameter(task, a.getInt(0), a.get(2));
    Task target = targets.thread(task, a.getInt(0));
    boolean reset = (policy & SCHED_RESET_ON_FORK) != 0;
    PolicyChange.of(target, policy & ~SCHED_RESET_ON_FORK, priority, reset).apply(task);
    return 0;
  }

  private long setParameter(Task task, SyscallArguments a) {
    int priority = parameter(task, a.getInt(0), a.get(1));
    Task target = targets.thread(task, a.getInt(0));
    Scheduling now = target.scheduling();
    PolicyChange.of(target, now.policy(), priority, now.resetOnFork()).apply(task);
    return 0;
  }

  /** struct sched_param: one int. */
  private static int parameter(Task task, int pid, long address) {
    if (address == 0 || pid < 0) {
      throw Errno.EINVAL.exception();
    }
    return task.memory().getInt(address);
  }

  private long getScheduler(Task task, SyscallArguments a) {
    Scheduling s = targets.thread(task, a.getInt(0)).scheduling();
    return s.policy() | (s.resetOnFork() ? SCHED_RESET_ON_FORK : 0);
  }

  private long getParameter(Task task, SyscallArguments a) {
    if (a.get(1) == 0) {
      throw Errno.EINVAL.exception();
    }
    Scheduling s = targets.thread(task, a.getInt(0)).scheduling();
    task.memory().putInt(a.get(1), s.priority());
    return 0;
  }

  private long interval(Task task, SyscallArguments a) {
    int policy = targets.thread(task, a.getInt(0)).scheduling().policy();
    long nanos =
        switch (policy) {
          case Scheduling.SCHED_FIFO -> 0;
          case Scheduling.SCHED_RR -> RR_NANOS;
          default -> FAIR_NANOS;
        };
    ByteBuffer b = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(8, nanos);
    task.memory().copyOut(a.get(1), b.array());
    return 0;
  }
}
