package io.loomvisor.kernel.syscall.poll;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.POLL;
import static io.loomvisor.kernel.syscall.SyscallNumber.PPOLL;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * poll(2) and ppoll(2). struct pollfd:
 *
 * <pre>
 *   0    4        6
 *   | fd | events | revents |
 * </pre>
 */
public final class PollCalls {
  private static final int SIZE = 8;
  private static final int SIGSET_SIZE = 8;
  private static final int ALWAYS = PollEvents.POLLERR | PollEvents.POLLHUP;

  public void register(SyscallTable.Builder b) {
    b.full(POLL, quick(PollCalls::poll));
    b.full(PPOLL, PollCalls::ppoll);
    new SelectCalls().register(b);
  }

  private static long poll(Task task, SyscallArguments a) {
    int millis = a.getInt(2);
    long deadline =
        millis < 0 ? Sleeper.FOREVER : TimeSpec.deadline(System.nanoTime(), millis * 1_000_000L);
    return poll(task, a.get(0), a.getInt(1), deadline);
  }

  private static long poll(Task task, long address, int count, long deadline) {
    try {
      return run(task, address, count, deadline);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EINTR) {
        throw e;
      }
      task.signals().setRestartBlock(t -> poll(t, address, count, deadline));
      throw Errno.ERESTART_RESTARTBLOCK.exception();
    }
  }

  private static long ppoll(Task task, SyscallArguments a) {
    long timeout = a.get(2) == 0 ? Long.MAX_VALUE : TimeSpec.readTimespec(task.memory(), a.get(2));
    long deadline = TimeSpec.deadline(System.nanoTime(), timeout);
    if (a.get(3) != 0) {
      if (a.get(4) != SIGSET_SIZE) {
        throw Errno.EINVAL.exception();
      }
      PollWait.setMask(task, task.memory().getLong(a.get(3)));
    }
    boolean interrupted = false;
    try {
      return run(task, a.get(0), a.getInt(1), deadline);
    } catch (LinuxException e) {
      interrupted = e.errno() == Errno.EINTR;
      throw interrupted ? Errno.ERESTARTNOHAND.exception() : e;
    } finally {
      if (!interrupted) {
        task.signals().restoreMask();
      }
      writeRest(task, a.get(2), deadline);
    }
  }

  /**
   * Linux leaves the time that is left; that it cannot be written is no error (poll_select_finish).
   */
  private static void writeRest(Task task, long address, long deadline) {
    if (address == 0 || deadline == Sleeper.FOREVER) {
      return;
    }
    byte[] rest =
        ByteBuffer.allocate(TimeSpec.SIZE)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(Math.max(0, deadline - System.nanoTime()) / TimeSpec.NANOS_PER_SECOND)
            .putLong(Math.max(0, deadline - System.nanoTime()) % TimeSpec.NANOS_PER_SECOND)
            .array();
    task.memory()
        .copyOutPartial(address, java.lang.foreign.MemorySegment.ofArray(rest), 0, rest.length);
  }

  /** EINTR if a signal ends the wait. */
  private static long run(Task task, long address, int count, long deadline) {
    if (count < 0 || count > task.group().limits().openFiles()) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer fds =
        ByteBuffer.wrap(count == 0 ? new byte[0] : task.memory().copyIn(address, count * SIZE))
            .order(ByteOrder.LITTLE_ENDIAN);
    FileDescription[] files = new FileDescription[count];
    try {
      open(task, fds, files);
      long ready = await(task, fds, files, deadline);
      for (int i = 0; i < count; i++) {
        task.memory().putShort(address + (long) i * SIZE + 6, fds.getShort(i * SIZE + 6));
      }
      return ready;
    } finally {
      for (FileDescription d : files) {
        if (d != null) {
          d.release();
        }
      }
    }
  }

  private static void open(Task task, ByteBuffer fds, FileDescription[] files) {
    for (int i = 0; i < files.length; i++) {
      int fd = fds.getInt(i * SIZE);
      if (fd >= 0) {
        try {
          files[i] = task.descriptors().get(fd);
        } catch (LinuxException e) {
          files[i] = null; // Reported as POLLNVAL.
        }
      }
    }
  }

  private static long await(Task task, ByteBuffer fds, FileDescription[] files, long deadline) {
    return PollWait.await(task, files, i -> wanted(fds, i), () -> look(fds, files), deadline);
  }

  private static int wanted(ByteBuffer fds, int i) {
    return fds.getShort(i * SIZE + 4) & 0xffff | ALWAYS;
  }

  /** Fills revents in and counts those that are not 0. */
  private static long look(ByteBuffer fds, FileDescription[] files) {
    long ready = 0;
    for (int i = 0; i < files.length; i++) {
      int events;
      if (files[i] != null) {
        events = files[i].readiness(wanted(fds, i));
      } else {
        events = fds.getInt(i * SIZE) < 0 ? 0 : PollEvents.POLLNVAL;
      }
      fds.putShort(i * SIZE + 6, (short) events);
      if (events != 0) {
        ready++;
      }
    }
    return ready;
  }
}
