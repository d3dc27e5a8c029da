package io.loomvisor.kernel.syscall.event;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.syscall.time.TimerCalls;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.kernel.time.TimerClock;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.event.TimerDescription;

/** timerfd_create(2), timerfd_settime(2), timerfd_gettime(2). */
public final class TimerfdCalls {
  private static final int TFD_TIMER_ABSTIME = 1;
  private static final int TFD_TIMER_CANCEL_ON_SET = 2;
  private static final int CAP_WAKE_ALARM = 35;

  private final KernelContext kernel;

  public TimerfdCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.TIMERFD_CREATE, this::create);
    b.partial(
        SyscallNumber.TIMERFD_SETTIME,
        "the clock is never set, so nothing is cancelled",
        this::settime);
    b.full(SyscallNumber.TIMERFD_GETTIME, this::gettime);
  }

  private long create(Task task, SyscallArguments a) {
    int clock = a.getInt(0);
    int flags = a.getInt(1);
    if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
      throw Errno.EINVAL.exception();
    }
    switch (clock) {
      case TimerClock.REALTIME, TimerClock.MONOTONIC, TimerClock.BOOTTIME -> {}
      case TimerClock.REALTIME_ALARM, TimerClock.BOOTTIME_ALARM -> {
        if (!task.credentials().has(CAP_WAKE_ALARM)) {
          throw Errno.EPERM.exception();
        }
      }
      default -> throw Errno.EINVAL.exception();
    }
    TimerClock source = TimerClock.of(clock, task, kernel.clocks(), kernel.processes());
    TimerDescription timer =
        new TimerDescription(source::now, kernel.timers(), flags & OpenFlags.O_NONBLOCK);
    return OpenFile.install(task, timer, (flags & OpenFlags.O_CLOEXEC) != 0);
  }

  private static TimerDescription timer(OpenFile file) {
    if (file.description() instanceof TimerDescription t) {
      return t;
    }
    throw Errno.EINVAL.exception();
  }

  private long settime(Task task, SyscallArguments a) {
    int flags = a.getInt(1);
    long interval = TimeSpec.readTimespec(task.memory(), a.get(2));
    long value = TimeSpec.readTimespec(task.memory(), a.get(2) + TimeSpec.SIZE);
    if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) != 0) {
      throw Errno.EINVAL.exception();
    }
    TimerDescription.Remaining old;
    try (OpenFile file = OpenFile.of(task, a.getInt(0))) {
      old = timer(file).set(value, interval, (flags & TFD_TIMER_ABSTIME) != 0);
    }
    if (a.get(3) != 0) {
      TimerCalls.writeTimespecs(task, a.get(3), old.value(), old.interval());
    }
    return 0;
  }

  private long gettime(Task task, SyscallArguments a) {
    TimerDescription.Remaining now;
    try (OpenFile file = OpenFile.of(task, a.getInt(0))) {
      now = timer(file).remaining();
    }
    TimerCalls.writeTimespecs(task, a.get(1), now.value(), now.interval());
    return 0;
  }
}
