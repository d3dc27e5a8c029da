package io.loomvisor.kernel.syscall.event;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.block.WaitSet;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.event.Epoll;
import io.loomvisor.vfs.event.EpollNesting;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * epoll_create(2), epoll_ctl(2), epoll_wait(2) and kin. struct epoll_event is packed on x86-64:
 *
 * <pre>
 *   0        4      12
 *   | events | data |
 * </pre>
 */
public final class EpollCalls {
  private static final int EVENT_SIZE = 12;
  private static final int MAX_EVENTS = Integer.MAX_VALUE / EVENT_SIZE;
  private static final int SIGSET_SIZE = 8;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLL_CTL_MOD = 3;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final EpollNesting nesting = new EpollNesting();

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.EPOLL_CREATE, (t, a) -> create(t, a.getInt(0) > 0 ? 0 : -1));
    b.full(SyscallNumber.EPOLL_CREATE1, (t, a) -> create(t, a.getInt(0)));
    b.full(SyscallNumber.EPOLL_CTL, quick(EpollCalls::control));
    b.full(SyscallNumber.EPOLL_WAIT, quick((t, a) -> await(t, a, millis(a))));
    b.full(SyscallNumber.EPOLL_PWAIT, (t, a) -> masked(t, a, millis(a)));
    b.full(SyscallNumber.EPOLL_PWAIT2, (t, a) -> masked(t, a, timespec(t, a)));
  }

  private long create(Task task, int flags) {
    if ((flags & ~OpenFlags.O_CLOEXEC) != 0) {
      throw Errno.EINVAL.exception();
    }
    return OpenFile.install(task, new Epoll(nesting), (flags & OpenFlags.O_CLOEXEC) != 0);
  }

  private static long control(Task task, SyscallArguments a) {
    int operation = a.getInt(1);
    int fd = a.getInt(2);
    ByteBuffer event = ByteBuffer.allocate(EVENT_SIZE);
    if (operation != EPOLL_CTL_DEL) {
      event =
          ByteBuffer.wrap(task.memory().copyIn(a.get(3), EVENT_SIZE))
              .order(ByteOrder.LITTLE_ENDIAN);
    }
    try (OpenFile instance = OpenFile.of(task, a.getInt(0));
        OpenFile target = OpenFile.of(task, fd)) {
      FileDescription watched = target.description();
      if (watched.waitQueue() == null) {
        throw Errno.EPERM.exception();
      }
      Epoll epoll = epoll(instance);
      switch (operation) {
        case EPOLL_CTL_ADD -> epoll.add(watched, fd, event.getInt(0), event.getLong(4));
        case EPOLL_CTL_DEL -> epoll.remove(watched, fd);
        case EPOLL_CTL_MOD -> epoll.modify(watched, fd, event.getInt(0), event.getLong(4));
        default -> throw Errno.EINVAL.exception();
      }
      return 0;
    }
  }

  private static Epoll epoll(OpenFile file) {
    if (file.description() instanceof Epoll e) {
      return e;
    }
    throw Errno.EINVAL.exception();
  }

  private static long millis(SyscallArguments a) {
    int timeout = a.getInt(3);
    return timeout < 0
        ? Sleeper.FOREVER
        : TimeSpec.deadline(System.nanoTime(), timeout * NANOS_PER_MILLI);
  }

  private static long timespec(Task task, SyscallArguments a) {
    if (a.get(3) == 0) {
      return Sleeper.FOREVER;
    }
    return TimeSpec.deadline(System.nanoTime(), TimeSpec.readTimespec(task.memory(), a.get(3)));
  }

  /** With a temporary signal mask, which stays for the handler if a signal ends the wait. */
  private static long masked(Task task, SyscallArguments a, long deadline) {
    if (a.get(4) == 0) {
      return await(task, a, deadline);
    }
    if (a.get(5) != SIGSET_SIZE) {
      throw Errno.EINVAL.exception();
    }
    task.signals().setTemporaryMask(task.memory().getLong(a.get(4)));
    if (task.group().needsAttention(task)) {
      task.interrupt();
    }
    boolean interrupted = false;
    try {
      return await(task, a, deadline);
    } catch (LinuxException e) {
      interrupted = e.errno() == Errno.EINTR;
      throw e;
    } finally {
      if (!interrupted) {
        task.signals().restoreMask();
      }
    }
  }

  private static long await(Task task, SyscallArguments a, long deadline) {
    int max = a.getInt(2);
    if (max <= 0 || max > MAX_EVENTS) {
      throw Errno.EINVAL.exception();
    }
    try (OpenFile file = OpenFile.of(task, a.getInt(0))) {
      Epoll epoll = epoll(file);
      Report report = new Report(task, a.get(1));
      int n = report.collect(epoll, max);
      if (n > 0 || deadline <= System.nanoTime()) {
        return n;
      }
      try (WaitSet waits = new WaitSet(task)) {
        waits.add(epoll.waiters(), PollEvents.POLLIN);
        // The look comes before the reason to end (fs/eventpoll.c: ep_poll).
        for (Sleeper.Wake wake = Sleeper.Wake.READY; ; wake = waits.sleep(deadline)) {
          waits.arm();
          n = report.collect(epoll, max);
          if (n > 0) {
            return n;
          }
          switch (wake) {
            case READY -> {}
            case TIMED_OUT -> {
              return 0;
            }
            case INTERRUPTED -> throw Errno.EINTR.exception();
          }
        }
      }
    }
  }

  /** Writes events to the application's array. */
  private static final class Report implements Epoll.Sink {
    private final Task task;
    private final long start;
    private long at;
    private LinuxException failure;

    Report(Task task, long start) {
      this.task = task;
      this.start = start;
    }

    /** EFAULT only if nothing at all could be written. */
    int collect(Epoll epoll, int max) {
      at = start;
      failure = null;
      int n = epoll.collect(max, this);
      if (n == 0 && failure != null) {
        throw failure;
      }
      return n;
    }

    @Override
    public boolean report(int events, long data) {
      byte[] bytes =
          ByteBuffer.allocate(EVENT_SIZE)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(events)
              .putLong(data)
              .array();
      try {
        task.memory().copyOut(at, bytes);
      } catch (LinuxException e) {
        failure = e;
        return false;
      }
      at += EVENT_SIZE;
      return true;
    }
  }
}
