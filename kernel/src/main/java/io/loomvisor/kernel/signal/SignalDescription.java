package io.loomvisor.kernel.signal;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.event.AnonymousDescription;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * signalfd(2): gives whoever reads it the reader's own pending signals. struct signalfd_siginfo is
 * 128 bytes:
 *
 * <pre>
 *    0 signo   4 errno   8 code  12 pid  16 uid  20 fd  24 tid  28 band
 *   32 overrun 36 trapno 40 status 44 int 48 ptr (8) 56 utime 64 stime 72 addr …
 * </pre>
 */
public final class SignalDescription extends AnonymousDescription {
  private static final int SIZE = 128;

  private volatile long wanted;

  public SignalDescription(long wanted, int flags) {
    super("[signalfd]", OpenFlags.O_RDWR | flags);
    this.wanted = wanted & ~Signal.UNBLOCKABLE;
  }

  /** Replaces the set; waiters look again. */
  public void setWanted(long set) {
    wanted = set & ~Signal.UNBLOCKABLE;
    waitQueue().notifyEvents(PollEvents.POLLIN);
  }

  /** As many as there is room for; EAGAIN if there is none. */
  @Override
  public long read(IoTarget target) {
    if (target.remaining() < SIZE) {
      throw Errno.EINVAL.exception();
    }
    Task task = Task.current();
    long total = 0;
    while (target.remaining() >= SIZE) {
      SignalInfo info = task.group().dequeue(task, wanted);
      if (info == null) {
        break;
      }
      try {
        if (target.put(MemorySegment.ofArray(encode(info)), 0, SIZE) < SIZE) {
          break;
        }
      } catch (LinuxException e) {
        if (total == 0) {
          throw e;
        }
        return total;
      }
      total += SIZE;
    }
    if (total == 0) {
      throw Errno.EAGAIN.exception();
    }
    return total;
  }

  private static byte[] encode(SignalInfo i) {
    ByteBuffer b = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(0, i.signal()).putInt(4, i.errno()).putInt(8, i.code());
    if (i.code() == SignalInfo.SI_TIMER) {
      b.putInt(24, i.pid()).putInt(32, i.uid());
    } else {
      b.putInt(12, i.pid()).putInt(16, i.uid());
    }
    if (i.signal() == Signal.SIGCHLD && i.code() > 0) {
      b.putInt(40, (int) i.value());
    } else if (i.code() < 0) {
      b.putInt(44, (int) i.value()).putLong(48, i.value());
    }
    return b.putLong(72, i.address()).array();
  }

  @Override
  public int readiness(int mask) {
    Task task = Task.current();
    boolean any = task != null && (task.group().pendingFor(task) & wanted) != 0;
    return any ? PollEvents.POLLIN & mask : 0;
  }

  /** That of the process that waits, which need not be the one that made the descriptor. */
  @Override
  public WaitQueue waitQueue() {
    Task task = Task.current();
    return task == null ? super.waitQueue() : task.group().signalArrivals();
  }
}
