package io.loomvisor.kernel.syscall.time;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.ProcessTimers;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.kernel.time.TimerClock;
import io.loomvisor.kernel.time.Timers;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Interval timers (setitimer(2), alarm(2)) and POSIX timers (timer_create(2)). struct itimerspec
 * and itimerval are the interval, then the value. struct sigevent:
 *
 * <pre>
 *   0          8          12         16
 *   | sigval   | signo    | notify   | tid | …
 * </pre>
 */
public final class TimerCalls {
  private static final int SIGEV_SIGNAL = 0;
  private static final int SIGEV_NONE = 1;
  private static final int SIGEV_THREAD = 2;
  private static final int SIGEV_THREAD_ID = 4;
  private static final int SIGEVENT_SIZE = 64;
  private static final int TIMER_ABSTIME = 1;
  private static final int CAP_WAKE_ALARM = 35;

  private final KernelContext kernel;
  private final Timers timers;

  public TimerCalls(KernelContext kernel, Timers timers) {
    this.kernel = kernel;
    this.timers = timers;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.SETITIMER, this::setitimer);
    b.full(SyscallNumber.GETITIMER, this::getitimer);
    b.full(SyscallNumber.ALARM, this::alarm);
    b.full(SyscallNumber.TIMER_CREATE, this::create);
    b.full(SyscallNumber.TIMER_SETTIME, this::settime);
    b.full(SyscallNumber.TIMER_GETTIME, this::gettime);
    b.full(SyscallNumber.TIMER_GETOVERRUN, (t, a) -> of(t).overrun(a.getInt(0)));
    b.full(SyscallNumber.TIMER_DELETE, this::delete);
  }

  private ProcessTimers of(Task task) {
    return timers.of(task.group());
  }

  private static int which(SyscallArguments a) {
    int which = a.getInt(0);
    if (which < 0 || which > 2) {
      throw Errno.EINVAL.exception();
    }
    return which;
  }

  private long setitimer(Task task, SyscallArguments a) {
    long value = 0;
    long interval = 0;
    if (a.get(1) != 0) {
      interval = TimeSpec.readTimeval(task.memory(), a.get(1));
      value = TimeSpec.readTimeval(task.memory(), a.get(1) + TimeSpec.SIZE);
    }
    ProcessTimers.Setting old = of(task).setInterval(which(a), value, interval);
    if (a.get(2) != 0) {
      writeTimevals(task, a.get(2), old);
    }
    return 0;
  }

  private long getitimer(Task task, SyscallArguments a) {
    writeTimevals(task, a.get(1), of(task).interval(which(a)));
    return 0;
  }

  /** Rounds up to microseconds what is left, so that an armed timer does not read as 0. */
  private static void writeTimevals(Task task, long address, ProcessTimers.Setting s) {
    TimeSpec.writeTimeval(task.memory(), address, s.interval());
    TimeSpec.writeTimeval(
        task.memory(), address + TimeSpec.SIZE, s.value() > 0 ? Math.max(1000, s.value()) : 0);
  }

  /**
   * The seconds that were left, rounded to the nearest but never to 0 (kernel/time/itimer.c:
   * alarm_setitimer).
   */
  private long alarm(Task task, SyscallArguments a) {
    long seconds = Integer.toUnsignedLong(a.getInt(0));
    long left = of(task).setInterval(0, seconds * TimeSpec.NANOS_PER_SECOND, 0).value();
    long whole = left / TimeSpec.NANOS_PER_SECOND;
    long rest = left % TimeSpec.NANOS_PER_SECOND;
    boolean up = rest >= TimeSpec.NANOS_PER_SECOND / 2 || whole == 0 && rest > 0;
    return up ? whole + 1 : whole;
  }

  private long create(Task task, SyscallArguments a) {
    TimerClock clock = clock(task, a.getInt(0));
    int notify = SIGEV_SIGNAL;
    int signal = Signal.SIGALRM;
    long value = 0;
    Task target = null;
    if (a.get(1) != 0) {
      ByteBuffer e =
          ByteBuffer.wrap(task.memory().copyIn(a.get(1), SIGEVENT_SIZE))
              .order(ByteOrder.LITTLE_ENDIAN);
      value = e.getLong(0);
      signal = e.getInt(8);
      notify = e.getInt(12);
      if (notify == SIGEV_THREAD_ID) {
        target = kernel.processes().task(e.getInt(16));
        if (target == null || target.group() != task.group()) {
          throw Errno.EINVAL.exception();
        }
      }
    }
    int number = signal;
    boolean known =
        notify == SIGEV_SIGNAL
            || notify == SIGEV_NONE
            || notify == SIGEV_THREAD
            || notify == SIGEV_THREAD_ID;
    if (!known || notify != SIGEV_NONE && !Signal.valid(number)) {
      throw Errno.EINVAL.exception();
    }
    boolean silent = notify == SIGEV_NONE;
    boolean idIsValue = a.get(1) == 0;
    long given = value;
    int id =
        timers
            .of(task.group())
            .create(
                clock,
                i ->
                    silent
                        ? null
                        : SignalInfo.from(number, SignalInfo.SI_TIMER, i, 0, idIsValue ? i : given),
                target);
    try {
      task.memory().putInt(a.get(2), id);
    } catch (RuntimeException | Error e) {
      of(task).delete(id);
      throw e;
    }
    return 0;
  }

  private TimerClock clock(Task task, int id) {
    TimerClock clock = TimerClock.of(id, task, kernel.clocks(), kernel.processes());
    switch (id) {
      case TimerClock.MONOTONIC_RAW, TimerClock.REALTIME_COARSE, TimerClock.MONOTONIC_COARSE ->
          throw Errno.EOPNOTSUPP.exception();
      case TimerClock.REALTIME_ALARM, TimerClock.BOOTTIME_ALARM -> {
        if (!task.credentials().has(CAP_WAKE_ALARM)) {
          throw Errno.EPERM.exception();
        }
      }
      default -> {}
    }
    return clock;
  }

  private long settime(Task task, SyscallArguments a) {
    if (a.get(2) == 0) {
      throw Errno.EINVAL.exception();
    }
    long interval = TimeSpec.readTimespec(task.memory(), a.get(2));
    long value = TimeSpec.readTimespec(task.memory(), a.get(2) + TimeSpec.SIZE);
    ProcessTimers.Setting old =
        of(task).settime(a.getInt(0), value, interval, (a.getInt(1) & TIMER_ABSTIME) != 0);
    if (a.get(3) != 0) {
      writeTimespecs(task, a.get(3), old.value(), old.interval());
    }
    return 0;
  }

  private long gettime(Task task, SyscallArguments a) {
    ProcessTimers.Setting s = of(task).gettime(a.getInt(0));
    writeTimespecs(task, a.get(1), s.value(), s.interval());
    return 0;
  }

  /** An itimerspec. */
  public static void writeTimespecs(Task task, long address, long value, long interval) {
    TimeSpec.writeTimespec(task.memory(), address, interval);
    TimeSpec.writeTimespec(task.memory(), address + TimeSpec.SIZE, value);
  }

  private long delete(Task task, SyscallArguments a) {
    of(task).delete(a.getInt(0));
    return 0;
  }
}
