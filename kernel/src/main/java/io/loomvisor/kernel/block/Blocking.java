package io.loomvisor.kernel.block;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Turns operations that never wait (they throw EAGAIN) into blocking ones. */
public final class Blocking {
  /** Events that end a wait for reading. */
  public static final int READ =
      PollEvents.POLLIN
          | PollEvents.POLLRDNORM
          | PollEvents.POLLERR
          | PollEvents.POLLHUP
          | PollEvents.POLLRDHUP;

  /** Events that end a wait for writing. */
  public static final int WRITE =
      PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLERR | PollEvents.POLLHUP;

  private Blocking() {}

  /** As the long form: waits as long as the file says, not at all if O_NONBLOCK is set. */
  public static long run(Task task, FileDescription file, int events, LongSupplier attempt) {
    boolean wait = (file.statusFlags() & OpenFlags.O_NONBLOCK) == 0;
    return run(task, file, events, wait, attempt);
  }

  /**
   * As the long form, or one attempt if {@code wait} is false. EAGAIN at the file's timeout
   * (SO_RCVTIMEO, SO_SNDTIMEO). ERESTARTSYS on a signal; EINTR if there is a timeout, which would
   * begin anew (sock_intr_errno).
   */
  public static long run(
      Task task, FileDescription file, int events, boolean wait, LongSupplier attempt) {
    if (!wait) {
      return attempt.getAsLong();
    }
    long timeout = events == WRITE ? file.writeTimeout() : file.readTimeout();
    boolean limited = timeout != Long.MAX_VALUE;
    return run(
        task,
        file.waitQueue(),
        events,
        limited ? TimeSpec.deadline(System.nanoTime(), timeout) : Sleeper.FOREVER,
        Errno.EAGAIN,
        limited ? Errno.EINTR : Errno.ERESTARTSYS,
        attempt);
  }

  /**
   * Runs {@code attempt} until it does not throw EAGAIN.
   *
   * @param queue notified when another attempt is worth while; null: EAGAIN goes to the caller at
   *     once
   * @param deadline on the {@link System#nanoTime} clock
   * @param onTimeout thrown at the deadline
   * @param onInterrupt thrown on a signal
   */
  public static long run(
      Task task,
      WaitQueue queue,
      int events,
      long deadline,
      Errno onTimeout,
      Errno onInterrupt,
      LongSupplier attempt) {
    // One place calls the attempt: a compiler copies all that it does into each.
    WaitSet waits = null;
    Errno end = null;
    try {
      for (; ; ) {
        try {
          return attempt.getAsLong();
        } catch (LinuxException e) {
          if (e.errno() != Errno.EAGAIN || queue == null) {
            throw e;
          }
        }
        throwUnlessNull(end);
        if (waits == null) {
          waits = new WaitSet(task);
          waits.add(queue, events);
        } else {
          end = sleep(waits, deadline, onTimeout, onInterrupt);
        }
        waits.arm();
      }
    } finally {
      if (waits != null) {
        waits.close();
      }
    }
  }

  /** Waits until {@code done}; as {@link #run}. */
  public static void await(
      Task task,
      WaitQueue queue,
      int events,
      long deadline,
      Errno onTimeout,
      Errno onInterrupt,
      BooleanSupplier done) {
    if (done.getAsBoolean()) {
      return;
    }
    try (WaitSet waits = new WaitSet(task)) {
      waits.add(queue, events);
      for (Errno end = null; ; end = sleep(waits, deadline, onTimeout, onInterrupt)) {
        waits.arm();
        if (done.getAsBoolean()) {
          return;
        }
        throwUnlessNull(end);
      }
    }
  }

  /**
   * Why the wait ends, null if it does not. Another attempt comes first: what is waited for may
   * have come along with the signal, and then counts (Linux: ___wait_event looks at the condition
   * before the signal).
   */
  private static Errno sleep(WaitSet waits, long deadline, Errno onTimeout, Errno onInterrupt) {
    return switch (waits.sleep(deadline)) {
      case READY -> null;
      case INTERRUPTED -> onInterrupt;
      case TIMED_OUT -> onTimeout;
    };
  }

  private static void throwUnlessNull(Errno end) {
    if (end != null) {
      throw end.exception();
    }
  }
}
