package io.loomvisor.kernel.syscall.poll;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/** select(2) and pselect6(2). A set is an array of 64-bit words, one bit for each descriptor. */
final class SelectCalls {
  private static final int SIGSET_SIZE = 8;
  private static final int SETS = 3;

  /** What makes a descriptor count as readable, writable and exceptional (fs/select.c). */
  private static final int[] EVENTS = {
    PollEvents.POLLIN
        | PollEvents.POLLRDNORM
        | PollEvents.POLLRDBAND
        | PollEvents.POLLHUP
        | PollEvents.POLLERR,
    PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND | PollEvents.POLLERR,
    PollEvents.POLLPRI
  };

  void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.SELECT, SelectCalls::select);
    b.full(SyscallNumber.PSELECT6, SelectCalls::pselect6);
  }

  private static long select(Task task, SyscallArguments a) {
    long timeout = a.get(4) == 0 ? Long.MAX_VALUE : lenientTimeval(task, a.get(4));
    long deadline = TimeSpec.deadline(System.nanoTime(), timeout);
    try {
      return run(task, a, deadline);
    } finally {
      writeRest(task, a.get(4), deadline, 1000);
    }
  }

  /** Microseconds may exceed a second here (kern_select). */
  private static long lenientTimeval(Task task, long address) {
    ByteBuffer b =
        ByteBuffer.wrap(task.memory().copyIn(address, TimeSpec.SIZE))
            .order(ByteOrder.LITTLE_ENDIAN);
    long seconds = b.getLong(0);
    long micros = b.getLong(8);
    if (seconds < 0 || micros < 0) {
      throw Errno.EINVAL.exception();
    }
    long carried = micros / 1_000_000;
    return seconds > Long.MAX_VALUE - carried
        ? Long.MAX_VALUE
        : TimeSpec.nanos(seconds + carried, micros % 1_000_000 * 1000);
  }

  private static long pselect6(Task task, SyscallArguments a) {
    long timeout = a.get(4) == 0 ? Long.MAX_VALUE : TimeSpec.readTimespec(task.memory(), a.get(4));
    long deadline = TimeSpec.deadline(System.nanoTime(), timeout);
    // The sixth argument points to the mask's address and size.
    long mask = a.get(5) == 0 ? 0 : task.memory().getLong(a.get(5));
    if (mask != 0) {
      if (task.memory().getLong(a.get(5) + 8) != SIGSET_SIZE) {
        throw Errno.EINVAL.exception();
      }
      PollWait.setMask(task, task.memory().getLong(mask));
    }
    boolean interrupted = false;
    try {
      return run(task, a, deadline);
    } catch (LinuxException e) {
      interrupted = e.errno() == Errno.ERESTARTNOHAND;
      throw e;
    } finally {
      if (!interrupted) {
        task.signals().restoreMask();
      }
      writeRest(task, a.get(4), deadline, 1);
    }
  }

  /**
   * Linux leaves the time that is left; that it cannot be written is no error (poll_select_finish).
   */
  private static void writeRest(Task task, long address, long deadline, int nanosPerUnit) {
    if (address == 0 || deadline == Sleeper.FOREVER) {
      return;
    }
    long left = Math.max(0, deadline - System.nanoTime());
    byte[] rest =
        ByteBuffer.allocate(TimeSpec.SIZE)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(left / TimeSpec.NANOS_PER_SECOND)
            .putLong(left % TimeSpec.NANOS_PER_SECOND / nanosPerUnit)
            .array();
    task.memory().copyOutPartial(address, MemorySegment.ofArray(rest), 0, rest.length);
  }

  private static long run(Task task, SyscallArguments a, long deadline) {
    if (a.getInt(0) < 0) {
      throw Errno.EINVAL.exception();
    }
    int count = Math.min(a.getInt(0), task.descriptors().capacity());
    int bytes = (count + Long.SIZE - 1) / Long.SIZE * Long.BYTES;
    BitSet[] wanted = new BitSet[SETS];
    for (int s = 0; s < SETS; s++) {
      long address = a.get(1 + s);
      wanted[s] =
          address == 0 ? new BitSet() : BitSet.valueOf(task.memory().copyIn(address, bytes));
      wanted[s].clear(count, Math.max(count, wanted[s].length()));
    }
    FileDescription[] files = new FileDescription[count];
    BitSet[] found = {new BitSet(), new BitSet(), new BitSet()};
    try {
      open(task, wanted, files);
      long ready =
          PollWait.await(
              task, files, i -> mask(wanted, i), () -> look(files, wanted, found), deadline);
      for (int s = 0; s < SETS; s++) {
        if (a.get(1 + s) != 0) {
          byte[] out = java.util.Arrays.copyOf(found[s].toByteArray(), bytes);
          task.memory().copyOut(a.get(1 + s), MemorySegment.ofArray(out));
        }
      }
      return ready;
    } catch (LinuxException e) {
      throw e.errno() == Errno.EINTR ? Errno.ERESTARTNOHAND.exception() : e;
    } finally {
      for (FileDescription d : files) {
        if (d != null) {
          d.release();
        }
      }
    }
  }

  /** Unlike poll(2), a descriptor that is not open is an error: EBADF. */
  private static void open(Task task, BitSet[] wanted, FileDescription[] files) {
    for (int i = 0; i < files.length; i++) {
      if (wanted[0].get(i) || wanted[1].get(i) || wanted[2].get(i)) {
        files[i] = task.descriptors().get(i);
      }
    }
  }

  private static int mask(BitSet[] wanted, int fd) {
    int mask = 0;
    for (int s = 0; s < SETS; s++) {
      mask |= wanted[s].get(fd) ? EVENTS[s] : 0;
    }
    return mask;
  }

  /** Fills {@code found} in and counts its bits. */
  private static long look(FileDescription[] files, BitSet[] wanted, BitSet[] found) {
    long ready = 0;
    for (BitSet f : found) {
      f.clear();
    }
    for (int i = 0; i < files.length; i++) {
      int events = files[i] == null ? 0 : files[i].readiness(mask(wanted, i));
      for (int s = 0; s < SETS; s++) {
        if ((events & EVENTS[s]) != 0 && wanted[s].get(i)) {
          found[s].set(i);
          ready++;
        }
      }
    }
    return ready;
  }
}
