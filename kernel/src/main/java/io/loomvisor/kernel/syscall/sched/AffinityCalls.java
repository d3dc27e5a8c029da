package io.loomvisor.kernel.syscall.sched;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.CpuSet;
import io.loomvisor.task.Task;

/** sched_setaffinity(2), sched_getaffinity(2), getcpu(2), sched_yield(2). */
public final class AffinityCalls {
  private final KernelContext kernel;
  private final SchedulingTargets targets;

  public AffinityCalls(KernelContext kernel) {
    this.kernel = kernel;
    this.targets = new SchedulingTargets(kernel.processes());
  }

  public void register(SyscallTable.Builder b) {
    b.partial(SyscallNumber.SCHED_SETAFFINITY, Notes.AFFINITY, this::setAffinity);
    b.full(SyscallNumber.SCHED_GETAFFINITY, this::getAffinity);
    b.partial(
        SyscallNumber.GETCPU,
        "where the guest reads the host's CPU numbers, the vDSO tells those until a task is bound",
        this::getcpu);
    b.full(SyscallNumber.SCHED_YIELD, AffinityCalls::yield);
  }

  /** The kernel's mask is whole longs. */
  private int maskSize() {
    return (kernel.cpuCount() + 63) / 64 * Long.BYTES;
  }

  private long setAffinity(Task task, SyscallArguments a) {
    long length = Integer.toUnsignedLong(a.getInt(1));
    byte[] mask = task.memory().copyIn(a.get(2), (int) Math.min(length, maskSize()));
    Task target = targets.threadIfAny(task, a.getInt(0)).stream().findFirst().orElse(null);
    if (target == null) {
      throw Errno.ESRCH.exception();
    }
    if (!SchedulingTargets.mayChange(task, target)) {
      throw Errno.EPERM.exception();
    }
    CpuSet wanted = CpuSet.of(mask).and(CpuSet.first(kernel.cpuCount()));
    if (wanted.isEmpty()) {
      throw Errno.EINVAL.exception();
    }
    target.changeScheduling(s -> s.withAffinity(wanted));
    if (wanted.size() < kernel.cpuCount()) {
      kernel.taskBound();
    }
    return 0;
  }

  /** The result is the size of the kernel's mask in bytes. */
  private long getAffinity(Task task, SyscallArguments a) {
    int size = maskSize();
    long room = Integer.toUnsignedLong(a.getInt(1));
    if (room * Byte.SIZE < kernel.cpuCount() || room % Long.BYTES != 0) {
      throw Errno.EINVAL.exception();
    }
    Task target = targets.threadIfAny(task, a.getInt(0)).stream().findFirst().orElse(null);
    if (target == null) {
      throw Errno.ESRCH.exception();
    }
    task.memory().copyOut(a.get(2), target.scheduling().affinity().mask(size));
    return size;
  }

  /**
   * The CPU it has or had last; one of its affinity mask, if the pool is one that does not look at
   * it, so that programs which pin themselves find what they asked for.
   */
  private long getcpu(Task task, SyscallArguments a) {
    CpuSet allowed = task.scheduling().affinity();
    int cpu = task.context().processor();
    if (a.get(0) != 0) {
      task.memory().putInt(a.get(0), allowed.contains(cpu) ? cpu : allowed.lowest());
    }
    if (a.get(1) != 0) {
      task.memory().putInt(a.get(1), 0);
    }
    return 0;
  }

  private static long yield(Task task, SyscallArguments a) {
    task.context().yield();
    Thread.yield();
    return 0;
  }
}
