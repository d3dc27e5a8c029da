package io.loomvisor.kernel.syscall.signal;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.signal.SigInfoLayout;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;

/** Waiting for signals: pause(2), rt_sigsuspend(2), rt_sigtimedwait(2). */
public final class SignalWaitSyscalls {
  private static final long NANOS = 1_000_000_000L;

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.PAUSE, (t, a) -> sleepForSignal(t));
    b.full(SyscallNumber.RT_SIGSUSPEND, this::sigsuspend);
    b.full(SyscallNumber.RT_SIGTIMEDWAIT, this::sigtimedwait);
  }

  private long sigsuspend(Task task, SyscallArguments a) {
    SignalSyscalls.requireSetSize(a.get(1));
    task.signals().setTemporaryMask(task.memory().getLong(a.get(0)));
    task.requestAttention();
    if (task.group().needsAttention(task)) {
      throw Errno.ERESTARTNOHAND.exception();
    }
    return sleepForSignal(task);
  }

  private static long sleepForSignal(Task task) {
    do {
      task.sleeper().arm();
    } while (task.sleep(Sleeper.FOREVER) != Sleeper.Wake.INTERRUPTED);
    throw Errno.ERESTARTNOHAND.exception();
  }

  private long sigtimedwait(Task task, SyscallArguments a) {
    SignalSyscalls.requireSetSize(a.get(3));
    long wanted = task.memory().getLong(a.get(0)) & ~Signal.UNBLOCKABLE;
    long deadline = a.get(2) == 0 ? Sleeper.FOREVER : deadline(task, a.get(2));
    SignalInfo info = await(task, wanted, deadline);
    if (a.get(1) != 0) {
      task.memory().copyOut(a.get(1), SigInfoLayout.encode(info));
    }
    return info.signal();
  }

  private static long deadline(Task task, long address) {
    long seconds = task.memory().getLong(address);
    long nanos = task.memory().getLong(address + 8);
    if (seconds < 0 || nanos < 0 || nanos >= NANOS) {
      throw Errno.EINVAL.exception();
    }
    long now = System.nanoTime();
    return seconds > (Long.MAX_VALUE - now) / NANOS - 2
        ? Sleeper.FOREVER
        : now + seconds * NANOS + nanos;
  }

  /** Signals in {@code wanted} are taken while blocked; others interrupt. */
  private static SignalInfo await(Task task, long wanted, long deadline) {
    SignalInfo ready = task.group().dequeue(task, wanted);
    if (ready != null) {
      return ready;
    }
    WaitEntry entry = e -> task.sleeper().ready();
    task.group().signalArrivals().register(entry, -1);
    try {
      for (; ; ) {
        task.sleeper().arm();
        SignalInfo info = task.group().dequeue(task, wanted);
        if (info != null) {
          return info;
        }
        switch (task.sleep(deadline)) {
          case TIMED_OUT -> throw Errno.EAGAIN.exception();
          case INTERRUPTED -> {
            SignalInfo last = task.group().dequeue(task, wanted);
            if (last != null) {
              return last;
            }
            throw Errno.EINTR.exception();
          }
          case READY -> {}
        }
      }
    } finally {
      task.group().signalArrivals().unregister(entry);
    }
  }
}
