package io.loomvisor.kernel.syscall.signal;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.signal.SignalDelivery;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Dispositions, masks and stacks: rt_sigaction(2), rt_sigprocmask(2), sigaltstack(2),
 * rt_sigreturn(2), restart_syscall(2).
 */
public final class SignalSyscalls {
  static final int SIGSET_SIZE = 8;
  private static final int SIG_BLOCK = 0;
  private static final int SIG_UNBLOCK = 1;
  private static final int SIG_SETMASK = 2;
  private static final int SS_ONSTACK = 1;
  private static final int SS_DISABLE = 2;
  private static final int SS_AUTODISARM = 1 << 31;
  private static final int MINSIGSTKSZ = 2048;

  /** Flags that the kernel keeps; others read back as 0 (SA_UNSUPPORTED protocol). */
  private static final long KNOWN_FLAGS =
      SignalAction.SA_NOCLDSTOP
          | SignalAction.SA_NOCLDWAIT
          | SignalAction.SA_SIGINFO
          | SignalAction.SA_RESTORER
          | SignalAction.SA_ONSTACK
          | SignalAction.SA_RESTART
          | SignalAction.SA_NODEFER
          | SignalAction.SA_RESETHAND
          | 0x800; // SA_EXPOSE_TAGBITS

  private final SignalDelivery delivery;

  public SignalSyscalls(SignalDelivery delivery) {
    this.delivery = delivery;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.RT_SIGACTION, quick(this::sigaction));
    b.full(SyscallNumber.RT_SIGPROCMASK, quick(this::sigprocmask));
    b.full(SyscallNumber.RT_SIGPENDING, quick(this::sigpending));
    b.full(SyscallNumber.SIGALTSTACK, this::sigaltstack);
    b.full(SyscallNumber.RT_SIGRETURN, this::sigreturn);
    b.full(SyscallNumber.RESTART_SYSCALL, this::restart);
  }

  private long sigaction(Task task, SyscallArguments a) {
    int signal = a.getInt(0);
    requireSetSize(a.get(3));
    if (!Signal.valid(signal)) {
      throw Errno.EINVAL.exception();
    }
    SignalAction action = null;
    if (a.get(1) != 0) {
      ByteBuffer b =
          ByteBuffer.wrap(task.memory().copyIn(a.get(1), 32)).order(ByteOrder.LITTLE_ENDIAN);
      action =
          new SignalAction(
              b.getLong(0),
              b.getLong(8) & KNOWN_FLAGS,
              b.getLong(16),
              b.getLong(24) & ~Signal.UNBLOCKABLE);
      if (Signal.in(Signal.UNBLOCKABLE, signal)) {
        throw Errno.EINVAL.exception();
      }
    }
    SignalAction old =
        action == null ? task.group().action(signal) : task.group().setAction(signal, action);
    if (a.get(2) != 0) {
      ByteBuffer b = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
      b.putLong(old.handler()).putLong(old.flags()).putLong(old.restorer()).putLong(old.mask());
      task.memory().copyOut(a.get(2), b.array());
    }
    return 0;
  }

  private long sigprocmask(Task task, SyscallArguments a) {
    requireSetSize(a.get(3));
    long old = task.signals().mask();
    if (a.get(1) != 0) {
      long set = task.memory().getLong(a.get(1));
      long mask =
          switch (a.getInt(0)) {
            case SIG_BLOCK -> old | set;
            case SIG_UNBLOCK -> old & ~set;
            case SIG_SETMASK -> set;
            default -> throw Errno.EINVAL.exception();
          };
      task.signals().setMask(mask);
      lookForUnblocked(task, old);
    }
    if (a.get(2) != 0) {
      task.memory().putLong(a.get(2), old);
    }
    return 0;
  }

  /** A mask that lets more through than before may have made a pending signal deliverable. */
  static void lookForUnblocked(Task task, long oldMask) {
    if ((oldMask & ~task.signals().mask()) != 0 && task.group().needsAttention(task)) {
      task.requestAttention();
    }
  }

  private long sigpending(Task task, SyscallArguments a) {
    if (Long.compareUnsigned(a.get(1), SIGSET_SIZE) > 0) {
      throw Errno.EINVAL.exception();
    }
    task.memory().putLong(a.get(0), task.group().pendingFor(task) & task.signals().mask());
    return 0;
  }

  private long sigaltstack(Task task, SyscallArguments a) {
    Task.TaskSignals s = task.signals();
    long rsp = task.registers().rsp;
    boolean on =
        s.stackSize() != 0
            && (s.stackFlags() & SS_AUTODISARM) == 0
            && Long.compareUnsigned(rsp - s.stackAddress() - 1, s.stackSize()) < 0;
    ByteBuffer old = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    int flags =
        s.stackSize() == 0 ? SS_DISABLE : s.stackFlags() & SS_AUTODISARM | (on ? SS_ONSTACK : 0);
    old.putLong(0, s.stackAddress()).putInt(8, flags).putLong(16, s.stackSize());
    if (a.get(0) != 0) {
      setStack(task, a.get(0), on);
    }
    if (a.get(1) != 0) {
      task.memory().copyOut(a.get(1), old.array());
    }
    return 0;
  }

  private static void setStack(Task task, long address, boolean on) {
    ByteBuffer b =
        ByteBuffer.wrap(task.memory().copyIn(address, 24)).order(ByteOrder.LITTLE_ENDIAN);
    int flags = b.getInt(8);
    int mode = flags & ~SS_AUTODISARM;
    if (on) {
      throw Errno.EPERM.exception();
    }
    if (mode == SS_DISABLE) {
      task.signals().setStack(0, 0, SS_DISABLE);
      return;
    }
    if (mode != 0 && mode != SS_ONSTACK) {
      throw Errno.EINVAL.exception();
    }
    if (Long.compareUnsigned(b.getLong(16), MINSIGSTKSZ) < 0) {
      throw Errno.ENOMEM.exception();
    }
    task.signals().setStack(b.getLong(0), b.getLong(16), flags & SS_AUTODISARM);
  }

  private long sigreturn(Task task, SyscallArguments a) {
    delivery.sigreturn(task);
    return io.loomvisor.kernel.syscall.SyscallDispatcher.NO_RESULT;
  }

  private long restart(Task task, SyscallArguments a) {
    Task.RestartBlock block = task.signals().restartBlock();
    task.signals().setRestartBlock(null);
    if (block == null) {
      throw Errno.EINTR.exception();
    }
    return block.restart(task);
  }

  static void requireSetSize(long size) {
    if (size != SIGSET_SIZE) {
      throw Errno.EINVAL.exception();
    }
  }
}
