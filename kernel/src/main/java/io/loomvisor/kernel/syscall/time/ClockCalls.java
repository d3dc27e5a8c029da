package io.loomvisor.kernel.syscall.time;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.CLOCK_GETRES;
import static io.loomvisor.kernel.syscall.SyscallNumber.CLOCK_GETTIME;
import static io.loomvisor.kernel.syscall.SyscallNumber.CLOCK_NANOSLEEP;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETTIMEOFDAY;
import static io.loomvisor.kernel.syscall.SyscallNumber.NANOSLEEP;
import static io.loomvisor.kernel.syscall.SyscallNumber.TIME;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.kernel.time.TimerClock;
import io.loomvisor.task.Task;

/** Reading clocks and sleeping. */
public final class ClockCalls {
  private static final int CLOCK_REALTIME = 0;
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_PROCESS_CPUTIME_ID = 2;
  private static final int CLOCK_THREAD_CPUTIME_ID = 3;
  private static final int CLOCK_REALTIME_COARSE = 5;
  private static final int CLOCK_MONOTONIC_COARSE = 6;
  private static final int CLOCK_BOOTTIME = 7;
  private static final int CLOCK_TAI = 11;
  private static final int TIMER_ABSTIME = 1;

  private final KernelContext kernel;

  public ClockCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  public void register(SyscallTable.Builder b) {
    b.full(CLOCK_GETTIME, quick(this::gettime));
    b.full(CLOCK_GETRES, quick(this::getres));
    b.full(GETTIMEOFDAY, quick(this::gettimeofday));
    b.full(TIME, quick(this::time));
    b.full(NANOSLEEP, (t, a) -> sleepFor(t, TimeSpec.readTimespec(t.memory(), a.get(0)), a.get(1)));
    b.partial(CLOCK_NANOSLEEP, "CPU clocks: EOPNOTSUPP", this::clockNanosleep);
  }

  private long now(Task task, int clock) {
    return TimerClock.of(clock, task, kernel.clocks(), kernel.processes()).now();
  }

  private long gettime(Task task, SyscallArguments a) {
    TimeSpec.writeTimespec(task.memory(), a.get(1), now(task, a.getInt(0)));
    return 0;
  }

  private long getres(Task task, SyscallArguments a) {
    int clock = a.getInt(0);
    now(task, clock);
    if (a.get(1) != 0) {
      boolean coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
      TimeSpec.writeTimespec(task.memory(), a.get(1), coarse ? 4_000_000 : 1);
    }
    return 0;
  }

  private long gettimeofday(Task task, SyscallArguments a) {
    if (a.get(0) != 0) {
      TimeSpec.writeTimeval(task.memory(), a.get(0), kernel.clocks().realtime());
    }
    if (a.get(1) != 0) {
      task.memory().putLong(a.get(1), 0);
    }
    return 0;
  }

  private long time(Task task, SyscallArguments a) {
    long seconds = kernel.clocks().realtime() / TimeSpec.NANOS_PER_SECOND;
    if (a.get(0) != 0) {
      task.memory().putLong(a.get(0), seconds);
    }
    return seconds;
  }

  private long clockNanosleep(Task task, SyscallArguments a) {
    int clock = a.getInt(0);
    if (clock == CLOCK_PROCESS_CPUTIME_ID) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (clock == CLOCK_THREAD_CPUTIME_ID) {
      throw Errno.EINVAL.exception();
    }
    boolean onRealtime = clock == CLOCK_REALTIME || clock == CLOCK_TAI;
    if (!onRealtime && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME) {
      throw clock >= 0 && clock <= CLOCK_TAI && clock != 10
          ? Errno.EOPNOTSUPP.exception()
          : Errno.EINVAL.exception();
    }
    long wanted = TimeSpec.readTimespec(task.memory(), a.get(2));
    if ((a.getInt(1) & TIMER_ABSTIME) == 0) {
      return sleepFor(task, wanted, a.get(3));
    }
    long now = now(task, clock);
    long deadline = TimeSpec.deadline(System.nanoTime(), Math.max(0, wanted - now));
    if (sleepUntil(task, deadline)) {
      return 0;
    }
    throw Errno.ERESTARTNOHAND.exception();
  }

  private static long sleepFor(Task task, long nanos, long remainder) {
    return sleep(task, TimeSpec.deadline(System.nanoTime(), nanos), remainder);
  }

  /** Interrupted, it leaves the rest of the time for the caller and for restart_syscall(2). */
  private static long sleep(Task task, long deadline, long remainder) {
    if (sleepUntil(task, deadline)) {
      return 0;
    }
    if (remainder != 0) {
      TimeSpec.writeTimespec(task.memory(), remainder, Math.max(0, deadline - System.nanoTime()));
    }
    task.signals().setRestartBlock(t -> sleep(t, deadline, remainder));
    throw Errno.ERESTART_RESTARTBLOCK.exception();
  }

  /** False if a signal came first. */
  private static boolean sleepUntil(Task task, long deadline) {
    for (; ; ) {
      task.sleeper().arm();
      switch (task.sleep(deadline)) {
        case TIMED_OUT -> {
          return true;
        }
        case INTERRUPTED -> {
          return false;
        }
        case READY -> {}
      }
    }
  }
}
