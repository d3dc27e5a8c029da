package io.loomvisor.kernel.syscall.futex;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.futex.Futexes;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * futex_waitv(2), futex_wake(2), futex_wait(2) and futex_requeue(2): futexes with a size in their
 * flags, of which 32 bits is the one there is.
 *
 * <pre>
 *   struct futex_waitv:   0 val   8 uaddr   16 flags   20 reserved
 * </pre>
 */
public final class Futex2Calls {
  private static final int FUTEX2_SIZE_U32 = 2;
  private static final int FUTEX2_PRIVATE = 128;
  private static final int WAITV_SIZE = 24;
  private static final int FUTEX_WAITV_MAX = 128;
  private static final int CLOCK_REALTIME = 0;
  private static final int CLOCK_MONOTONIC = 1;

  private final KernelContext kernel;
  private final Futexes futexes;

  public Futex2Calls(KernelContext kernel, Futexes futexes) {
    this.kernel = kernel;
    this.futexes = futexes;
  }

  public void register(SyscallTable.Builder b) {
    String note = "no futexes of one node (FUTEX2_NUMA, FUTEX2_MPOL: EINVAL)";
    b.partial(SyscallNumber.FUTEX_WAITV, note, this::waitv);
    b.partial(SyscallNumber.FUTEX_WAKE, note, this::wake);
    b.partial(SyscallNumber.FUTEX_WAIT, note, this::await);
    b.partial(SyscallNumber.FUTEX_REQUEUE, note, this::requeue);
  }

  private long waitv(Task task, SyscallArguments a) {
    int count = a.getInt(1);
    if (a.getInt(2) != 0 || count <= 0 || count > FUTEX_WAITV_MAX || a.get(0) == 0) {
      throw Errno.EINVAL.exception();
    }
    long deadline = deadline(task, a.get(3), a.getInt(4));
    return futexes.awaitAny(task, read(task, a.get(0), count), deadline);
  }

  private static List<Futexes.Wanted> read(Task task, long address, int count) {
    ByteBuffer raw =
        ByteBuffer.wrap(task.memory().copyIn(address, count * WAITV_SIZE))
            .order(ByteOrder.LITTLE_ENDIAN);
    List<Futexes.Wanted> wanted = new ArrayList<>();
    for (int at = 0; at < raw.capacity(); at += WAITV_SIZE) {
      int flags = raw.getInt(at + 16);
      if (raw.getInt(at + 20) != 0) {
        throw Errno.EINVAL.exception();
      }
      checkFlags(flags);
      int value = checked32(raw.getLong(at));
      wanted.add(new Futexes.Wanted(raw.getLong(at + 8), isPrivate(flags), value));
    }
    for (Futexes.Wanted w : wanted) {
      aligned(w.address());
    }
    return wanted;
  }

  private static void checkFlags(int flags) {
    if ((flags & ~FUTEX2_PRIVATE) != FUTEX2_SIZE_U32) {
      throw Errno.EINVAL.exception();
    }
  }

  private static boolean isPrivate(int flags) {
    return (flags & FUTEX2_PRIVATE) != 0;
  }

  /** A value that has to fit the futex. */
  private static int checked32(long value) {
    if (value >>> 32 != 0) {
      throw Errno.EINVAL.exception();
    }
    return (int) value;
  }

  private static long aligned(long address) {
    if ((address & 3) != 0) {
      throw Errno.EINVAL.exception();
    }
    return address;
  }

  private long deadline(Task task, long address, int clock) {
    if (address == 0) {
      return Sleeper.FOREVER;
    }
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
      throw Errno.EINVAL.exception();
    }
    long until = TimeSpec.readTimespec(task.memory(), address);
    long now = clock == CLOCK_REALTIME ? kernel.clocks().realtime() : kernel.clocks().monotonic();
    return TimeSpec.deadline(System.nanoTime(), Math.max(0, until - now));
  }

  private long wake(Task task, SyscallArguments a) {
    checkFlags(a.getInt(3));
    int mask = checked32(a.get(1));
    if (mask == 0) {
      throw Errno.EINVAL.exception();
    }
    int count = Math.max(a.getInt(2), 0);
    long address = aligned(a.get(0));
    boolean privately = isPrivate(a.getInt(3));
    return futexes.wake(task.memoryManager(), address, privately, count, mask);
  }

  private long await(Task task, SyscallArguments a) {
    checkFlags(a.getInt(3));
    int value = checked32(a.get(1));
    int mask = checked32(a.get(2));
    long deadline = deadline(task, a.get(4), a.getInt(5));
    if (mask == 0) {
      throw Errno.EINVAL.exception();
    }
    boolean privately = isPrivate(a.getInt(3));
    return await(task, aligned(a.get(0)), privately, value, mask, deadline);
  }

  private long await(
      Task task, long address, boolean privately, int value, int mask, long deadline) {
    try {
      futexes.await(task, address, privately, value, mask, deadline);
      return 0;
    } catch (LinuxException e) {
      if (e.errno() != Errno.ERESTARTSYS || deadline == Sleeper.FOREVER) {
        throw e;
      }
      task.signals().setRestartBlock(t -> await(t, address, privately, value, mask, deadline));
      throw Errno.ERESTART_RESTARTBLOCK.exception();
    }
  }

  private long requeue(Task task, SyscallArguments a) {
    if (a.getInt(1) != 0 || a.get(0) == 0) {
      throw Errno.EINVAL.exception();
    }
    List<Futexes.Wanted> both = read(task, a.get(0), 2);
    int wake = a.getInt(2);
    int move = a.getInt(3);
    if (wake < 0 || move < 0) {
      throw Errno.EINVAL.exception();
    }
    return futexes.requeue(task.memoryManager(), both.get(0), both.get(1), wake, move);
  }
}
