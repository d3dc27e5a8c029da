package io.loomvisor.kernel.syscall.time;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.syscall.UsageLayout;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ResourceUsage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** CPU time used: times(2) and getrusage(2). */
public final class UsageCalls {
  private static final int RUSAGE_SELF = 0;
  private static final int RUSAGE_CHILDREN = -1;
  private static final int RUSAGE_THREAD = 1;

  /** USER_HZ is 100. */
  private static final long NANOS_PER_TICK = 10_000_000;

  private final KernelContext kernel;

  public UsageCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.TIMES, quick(this::times));
    b.partial(
        SyscallNumber.GETRUSAGE,
        "block reads and writes are 0; every page fault counts as minor",
        quick(this::getrusage));
  }

  private long times(Task task, SyscallArguments a) {
    if (a.get(0) != 0) {
      ResourceUsage children = kernel.processes().childUsage(task.group());
      ByteBuffer b = ByteBuffer.allocate(4 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      b.putLong(task.group().userTime() / NANOS_PER_TICK)
          .putLong(task.group().systemTime() / NANOS_PER_TICK);
      b.putLong(children.user() / NANOS_PER_TICK).putLong(children.system() / NANOS_PER_TICK);
      task.memory().copyOut(a.get(0), b.array());
    }
    return kernel.clocks().monotonic() / NANOS_PER_TICK;
  }

  private long getrusage(Task task, SyscallArguments a) {
    ResourceUsage usage =
        switch (a.getInt(0)) {
          case RUSAGE_SELF -> task.group().usage().withResident(peak(task));
          case RUSAGE_CHILDREN -> kernel.processes().childUsage(task.group());
          case RUSAGE_THREAD -> task.usage().withResident(peak(task));
          default -> throw Errno.EINVAL.exception();
        };
    task.memory().copyOut(a.get(1), UsageLayout.encode(usage));
    return 0;
  }

  private static long peak(Task task) {
    return Math.max(task.memoryManager().peakResident(), task.group().endedUsage().maxResident());
  }
}
