package io.loomvisor.kernel.syscall.futex;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.futex.FutexWord;
import io.loomvisor.kernel.futex.Futexes;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;

/** futex(2) and robust lists. */
public final class FutexCalls {
  private static final int FUTEX_WAIT = 0;
  private static final int FUTEX_WAKE = 1;
  private static final int FUTEX_REQUEUE = 3;
  private static final int FUTEX_CMP_REQUEUE = 4;
  private static final int FUTEX_WAKE_OP = 5;
  private static final int FUTEX_LOCK_PI = 6;
  private static final int FUTEX_UNLOCK_PI = 7;
  private static final int FUTEX_TRYLOCK_PI = 8;
  private static final int FUTEX_WAIT_BITSET = 9;
  private static final int FUTEX_WAKE_BITSET = 10;
  private static final int FUTEX_WAIT_REQUEUE_PI = 11;
  private static final int FUTEX_CMP_REQUEUE_PI = 12;
  private static final int FUTEX_LOCK_PI2 = 13;
  private static final int FUTEX_PRIVATE_FLAG = 128;
  private static final int FUTEX_CLOCK_REALTIME = 256;
  private static final int ROBUST_HEAD_SIZE = 24;

  private final KernelContext kernel;
  private final Futexes futexes;

  public FutexCalls(KernelContext kernel, Futexes futexes) {
    this.kernel = kernel;
    this.futexes = futexes;
  }

  public void register(SyscallTable.Builder b) {
    b.partial(
        SyscallNumber.FUTEX,
        "locks with priority inheritance lend no priority",
        quick(this::futex));
    b.full(SyscallNumber.SET_ROBUST_LIST, this::setRobustList);
    b.full(SyscallNumber.GET_ROBUST_LIST, this::getRobustList);
  }

  private long futex(Task task, SyscallArguments a) {
    int operation = a.getInt(1);
    boolean privately = (operation & FUTEX_PRIVATE_FLAG) != 0;
    boolean realtime = (operation & FUTEX_CLOCK_REALTIME) != 0;
    int command = operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
    if (realtime
        && command != FUTEX_WAIT_BITSET
        && command != FUTEX_WAIT_REQUEUE_PI
        && command != FUTEX_LOCK_PI2) {
      throw Errno.ENOSYS.exception();
    }
    long address = a.get(0);
    int value = a.getInt(2);
    if (command >= FUTEX_LOCK_PI && command != FUTEX_WAIT_BITSET && command != FUTEX_WAKE_BITSET) {
      task.requireOwnThread(); // locks with priority inheritance
    }
    return switch (command) {
      case FUTEX_WAIT -> await(task, a, privately, Futexes.ANY, relative(task, a.get(3)));
      case FUTEX_WAIT_BITSET ->
          await(task, a, privately, bitset(a), absolute(task, a.get(3), realtime));
      case FUTEX_WAKE ->
          futexes.wake(
              task.memoryManager(), aligned(address), privately, Math.max(value, 1), Futexes.ANY);
      case FUTEX_WAKE_BITSET ->
          futexes.wake(
              task.memoryManager(), aligned(address), privately, Math.max(value, 1), bitset(a));
      case FUTEX_REQUEUE -> requeue(task, a, privately, null);
      case FUTEX_CMP_REQUEUE -> requeue(task, a, privately, a.getInt(5));
      case FUTEX_WAKE_OP -> wakeOp(task, a, privately);
      case FUTEX_LOCK_PI -> lock(task, a, privately, true);
      case FUTEX_LOCK_PI2 -> lock(task, a, privately, realtime);
      case FUTEX_TRYLOCK_PI -> {
        futexes.tryLock(task, aligned(address), privately);
        yield 0;
      }
      case FUTEX_UNLOCK_PI -> unlock(task, address, privately);
      case FUTEX_WAIT_REQUEUE_PI -> {
        long deadline = absolute(task, a.get(3), realtime);
        futexes.awaitRequeue(task, aligned(address), aligned(a.get(4)), privately, value, deadline);
        yield 0;
      }
      case FUTEX_CMP_REQUEUE_PI -> requeueToLock(task, a, privately);
      default -> throw Errno.ENOSYS.exception();
    };
  }

  private long await(Task task, SyscallArguments a, boolean privately, int bitset, long deadline) {
    return await(task, aligned(a.get(0)), privately, a.getInt(2), bitset, deadline);
  }

  /**
   * A wait with a deadline that is interrupted goes on with the same deadline (restart_syscall(2)).
   */
  private long await(
      Task task, long address, boolean privately, int value, int bitset, long deadline) {
    try {
      futexes.await(task, address, privately, value, bitset, deadline);
      return 0;
    } catch (LinuxException e) {
      if (e.errno() != Errno.ERESTARTSYS || deadline == Sleeper.FOREVER) {
        throw e;
      }
      task.signals().setRestartBlock(t -> await(t, address, privately, value, bitset, deadline));
      throw Errno.ERESTART_RESTARTBLOCK.exception();
    }
  }

  private long requeue(Task task, SyscallArguments a, boolean privately, Integer expected) {
    int wake = a.getInt(2);
    int move = a.getInt(3);
    if (wake < 0 || move < 0) {
      throw Errno.EINVAL.exception();
    }
    return futexes.requeue(
        task.memoryManager(),
        aligned(a.get(0)),
        aligned(a.get(4)),
        privately,
        wake,
        move,
        expected);
  }

  private long lock(Task task, SyscallArguments a, boolean privately, boolean realtime) {
    long deadline = absolute(task, a.get(3), realtime);
    futexes.lock(task, aligned(a.get(0)), privately, deadline);
    return 0;
  }

  /** Whose it is comes before whether the address can be a futex's. */
  private long unlock(Task task, long address, boolean privately) {
    if (FutexWord.owner(task.memory().getInt(address)) != task.threadId()) {
      throw Errno.EPERM.exception();
    }
    futexes.unlock(task, aligned(address), privately);
    return 0;
  }

  private long requeueToLock(Task task, SyscallArguments a, boolean privately) {
    int wake = a.getInt(2);
    int move = a.getInt(3);
    if (wake != 1 || move < 0) {
      throw Errno.EINVAL.exception();
    }
    return futexes.requeueToLock(
        task, aligned(a.get(0)), aligned(a.get(4)), privately, move, a.getInt(5));
  }

  /**
   * FUTEX_WAKE_OP: changes the second word, wakes at the first, and at the second if its old value
   * compares.
   */
  private long wakeOp(Task task, SyscallArguments a, boolean privately) {
    long second = aligned(a.get(4));
    int code = a.getInt(5);
    int old;
    do {
      old = task.memory().getInt(second);
    } while (task.memory().compareAndSwapInt(second, old, applied(code, old)) != old);
    long woken =
        futexes.wake(
            task.memoryManager(),
            aligned(a.get(0)),
            privately,
            Math.max(a.getInt(2), 1),
            Futexes.ANY);
    if (compares(code, old)) {
      woken +=
          futexes.wake(
              task.memoryManager(), second, privately, Math.max(a.getInt(3), 1), Futexes.ANY);
    }
    return woken;
  }

  /**
   * Operation in bits 28 to 30, FUTEX_OP_OPARG_SHIFT in bit 31, its argument (signed) in bits 12 to
   * 23.
   */
  private static int applied(int code, int old) {
    int argument = code << 8 >> 20;
    if (code < 0) {
      argument = 1 << (argument & 31);
    }
    return switch (code >>> 28 & 7) {
      case 0 -> argument;
      case 1 -> old + argument;
      case 2 -> old | argument;
      case 3 -> old & ~argument;
      case 4 -> old ^ argument;
      default -> throw Errno.ENOSYS.exception();
    };
  }

  /** Comparison in bits 24 to 27, its argument (signed) in bits 0 to 11. */
  private static boolean compares(int code, int old) {
    int argument = code << 20 >> 20;
    return switch (code >>> 24 & 15) {
      case 0 -> old == argument;
      case 1 -> old != argument;
      case 2 -> old < argument;
      case 3 -> old <= argument;
      case 4 -> old > argument;
      case 5 -> old >= argument;
      default -> throw Errno.ENOSYS.exception();
    };
  }

  private static int bitset(SyscallArguments a) {
    if (a.getInt(5) == 0) {
      throw Errno.EINVAL.exception();
    }
    return a.getInt(5);
  }

  private static long aligned(long address) {
    if ((address & 3) != 0) {
      throw Errno.EINVAL.exception();
    }
    return address;
  }

  private static long relative(Task task, long address) {
    if (address == 0) {
      return Sleeper.FOREVER;
    }
    return TimeSpec.deadline(System.nanoTime(), TimeSpec.readTimespec(task.memory(), address));
  }

  private long absolute(Task task, long address, boolean realtime) {
    if (address == 0) {
      return Sleeper.FOREVER;
    }
    long until = TimeSpec.readTimespec(task.memory(), address);
    long now = realtime ? kernel.clocks().realtime() : kernel.clocks().monotonic();
    return TimeSpec.deadline(System.nanoTime(), Math.max(0, until - now));
  }

  private long setRobustList(Task task, SyscallArguments a) {
    if (a.get(1) != ROBUST_HEAD_SIZE) {
      throw Errno.EINVAL.exception();
    }
    task.pointers().setRobustList(a.get(0));
    return 0;
  }

  private long getRobustList(Task task, SyscallArguments a) {
    int tid = a.getInt(0);
    Task target = tid == 0 ? task : kernel.processes().task(tid);
    if (target == null) {
      throw Errno.ESRCH.exception();
    }
    if (target.group() != task.group() && task.credentials().euid() != 0) {
      throw Errno.EPERM.exception();
    }
    task.memory().putLong(a.get(2), ROBUST_HEAD_SIZE);
    task.memory().putLong(a.get(1), target.pointers().robustList());
    return 0;
  }
}
