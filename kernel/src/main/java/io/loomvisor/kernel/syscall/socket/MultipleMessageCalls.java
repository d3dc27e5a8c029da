package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketDescription;
import java.util.function.LongUnaryOperator;

/**
 * sendmmsg(2) and recvmmsg(2): arrays of struct mmsghdr, a struct msghdr and the count of bytes
 * moved. What was done wins over errors.
 */
final class MultipleMessageCalls {
  private static final int SIZE = 64;
  private static final int LENGTH = MessageHeader.SIZE;

  /** UIO_MAXIOV: no more messages are sent by one call. */
  private static final int MOST_SENT = 1024;

  void register(SyscallTable.Builder b) {
    b.partial(SyscallNumber.SENDMMSG, "no MSG_OOB", MultipleMessageCalls::sendmmsg);
    b.partial(SyscallNumber.RECVMMSG, "no MSG_OOB", MultipleMessageCalls::recvmmsg);
  }

  private static long sendmmsg(Task task, SyscallArguments a) {
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      SocketDescription d = s.socket();
      int flags = a.getInt(3);
      long count = Math.min(Integer.toUnsignedLong(a.getInt(2)), MOST_SENT);
      int done = 0;
      while (done < count) {
        long at = a.get(1) + (long) done * SIZE;
        if (!one(task, at, done == 0, h -> MessageCalls.send(task, d, h, flags))) {
          break;
        }
        done++;
      }
      return done;
    }
  }

  /**
   * One message.
   *
   * @param first whether its error is the call's
   * @return false if it failed after others that succeeded
   */
  private static boolean one(Task task, long at, boolean first, LongUnaryOperator action) {
    try {
      long n = action.applyAsLong(at);
      task.memory().putInt(at + LENGTH, (int) n);
      return true;
    } catch (LinuxException e) {
      if (first) {
        throw e;
      }
      return false;
    }
  }

  private static long recvmmsg(Task task, SyscallArguments a) {
    long timeout = a.get(4);
    long start = System.nanoTime();
    long deadline =
        timeout == 0
            ? Sleeper.FOREVER
            : TimeSpec.deadline(start, TimeSpec.readTimespec(task.memory(), timeout));
    try (OpenSocket s = OpenSocket.of(task, a.getInt(0))) {
      long done = receiveMany(task, s.socket(), a, deadline);
      if (timeout != 0) {
        long left = Math.max(0, deadline - System.nanoTime());
        TimeSpec.writeTimespec(task.memory(), timeout, left);
      }
      return done;
    }
  }

  /** The timeout is looked at between messages only, as Linux does (recvmmsg(2), BUGS). */
  private static long receiveMany(
      Task task, SocketDescription d, SyscallArguments a, long deadline) {
    long count = Integer.toUnsignedLong(a.getInt(2));
    int given = a.getInt(3);
    boolean waitForOne = (given & SocketAbi.MSG_WAITFORONE) != 0;
    int flags = given & ~SocketAbi.MSG_WAITFORONE;
    long done = 0;
    while (done < count) {
      long at = a.get(1) + done * SIZE;
      int now = flags | (waitForOne && done > 0 ? SocketAbi.MSG_DONTWAIT : 0);
      if (!one(task, at, done == 0, h -> MessageCalls.receive(task, d, h, now))) {
        break;
      }
      done++;
      if (deadline != Sleeper.FOREVER && System.nanoTime() >= deadline) {
        break;
      }
    }
    return done;
  }
}
