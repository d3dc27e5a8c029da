package io.loomvisor.kernel.syscall.time;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.task.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** CPU time used: times(2) and getrusage(2). struct rusage is two timevals and fourteen longs. */
public final class UsageCalls {
  private static final int RUSAGE_SIZE = 144;
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
    b.full(SyscallNumber.TIMES, this::times);
    b.partial(SyscallNumber.GETRUSAGE, "times only; the counts are 0", this::getrusage);
  }

  private long times(Task task, SyscallArguments a) {
    if (a.get(0) != 0) {
      long[] children = kernel.processes().childTimes(task.group());
      ByteBuffer b = ByteBuffer.allocate(4 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      b.putLong(task.group().userTime() / NANOS_PER_TICK)
          .putLong(task.group().systemTime() / NANOS_PER_TICK);
      b.putLong(children[0] / NANOS_PER_TICK).putLong(children[1] / NANOS_PER_TICK);
      task.memory().copyOut(a.get(0), b.array());
    }
    return kernel.clocks().monotonic() / NANOS_PER_TICK;
  }

  private long getrusage(Task task, SyscallArguments a) {
    long[] times =
        switch (a.getInt(0)) {
          case RUSAGE_SELF -> new long[] {task.group().userTime(), task.group().systemTime()};
          case RUSAGE_CHILDREN -> kernel.processes().childTimes(task.group());
          case RUSAGE_THREAD -> new long[] {task.cpuTime().user(), task.cpuTime().system()};
          default -> throw Errno.EINVAL.exception();
        };
    ByteBuffer b = ByteBuffer.allocate(RUSAGE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    for (long t : times) {
      b.putLong(t / TimeSpec.NANOS_PER_SECOND).putLong(t % TimeSpec.NANOS_PER_SECOND / 1000);
    }
    task.memory().copyOut(a.get(1), b.array());
    return 0;
  }
}
