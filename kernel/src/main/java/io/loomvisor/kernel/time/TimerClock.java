package io.loomvisor.kernel.time;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;

/** A clock as a clockid_t names it (clock_getres(2), include/linux/posix-timers.h). */
public sealed interface TimerClock {
  int REALTIME = 0;
  int MONOTONIC = 1;
  int PROCESS_CPUTIME_ID = 2;
  int THREAD_CPUTIME_ID = 3;
  int MONOTONIC_RAW = 4;
  int REALTIME_COARSE = 5;
  int MONOTONIC_COARSE = 6;
  int BOOTTIME = 7;
  int REALTIME_ALARM = 8;
  int BOOTTIME_ALARM = 9;
  int TAI = 11;

  /** Now, in ns. */
  long now();

  /** A clock of the machine. */
  record Wall(int id, Clocks clocks) implements TimerClock {
    @Override
    public long now() {
      return switch (id) {
        case REALTIME, REALTIME_COARSE, REALTIME_ALARM, TAI -> clocks.realtime();
        case BOOTTIME, BOOTTIME_ALARM -> clocks.boottime();
        default -> clocks.monotonic();
      };
    }
  }

  /** CPU time of a process. */
  record ProcessCpu(ThreadGroup group, boolean userOnly) implements TimerClock {
    @Override
    public long now() {
      return userOnly ? group.userTime() : group.userTime() + group.systemTime();
    }
  }

  /** CPU time of a thread. */
  record ThreadCpu(Task task, boolean userOnly) implements TimerClock {
    @Override
    public long now() {
      return userOnly ? task.cpuTime().user() : task.cpuTime().user() + task.cpuTime().system();
    }
  }

  /** The clock that {@code id} names for {@code task}; EINVAL. */
  static TimerClock of(int id, Task task, Clocks clocks, ProcessTree processes) {
    return switch (id) {
      case REALTIME,
          MONOTONIC,
          MONOTONIC_RAW,
          REALTIME_COARSE,
          MONOTONIC_COARSE,
          BOOTTIME,
          REALTIME_ALARM,
          BOOTTIME_ALARM,
          TAI ->
          new Wall(id, clocks);
      case PROCESS_CPUTIME_ID -> new ProcessCpu(task.group(), false);
      case THREAD_CPUTIME_ID -> new ThreadCpu(task, false);
      default -> dynamic(id, task, processes);
    };
  }

  /**
   * Negative ids: the inverted pid above three bits, of which one says thread and two which time.
   */
  private static TimerClock dynamic(int id, Task task, ProcessTree processes) {
    int which = id & 3;
    if (id >= 0 || which == 3) {
      throw Errno.EINVAL.exception();
    }
    int pid = ~(id >> 3);
    boolean userOnly = which == 1;
    if ((id & 4) != 0) {
      Task t = pid == 0 ? task : processes.task(pid);
      if (t == null || t.group() != task.group()) {
        throw Errno.EINVAL.exception();
      }
      return new ThreadCpu(t, userOnly);
    }
    ThreadGroup g = pid == 0 || pid == task.threadId() ? task.group() : processes.group(pid);
    if (g == null) {
      throw Errno.EINVAL.exception();
    }
    return new ProcessCpu(g, userOnly);
  }
}
