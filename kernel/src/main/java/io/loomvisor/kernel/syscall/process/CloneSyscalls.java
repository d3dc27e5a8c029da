package io.loomvisor.kernel.syscall.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.process.CloneRequest;
import io.loomvisor.kernel.process.TaskFactory;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** clone(2), clone3(2), fork(2), vfork(2). */
public final class CloneSyscalls {
  /** CLONE_ARGS_SIZE_VER0 and the size of struct clone_args that is known here (VER2). */
  private static final int ARGS_SIZE_VER0 = 64;

  private static final int ARGS_SIZE = 88;
  private static final int PAGE_SIZE = 4096;
  private static final long CSIGNAL = 0xff;

  private final TaskFactory factory;

  public CloneSyscalls(TaskFactory factory) {
    this.factory = factory;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.FORK, (t, a) -> factory.clone(t, TaskFactory.fork()));
    b.full(SyscallNumber.VFORK, (t, a) -> factory.clone(t, TaskFactory.vfork()));
    b.partial(SyscallNumber.CLONE, "no new namespaces but of names (CLONE_NEWUTS)", this::clone);
    b.partial(
        SyscallNumber.CLONE3, "no new namespaces but of names, no set_tid or cgroup", this::clone3);
  }

  private long clone(Task task, SyscallArguments a) {
    long flags = a.get(0) & 0xffffffffL;
    return factory.clone(
        task,
        new CloneRequest(
            flags & ~CSIGNAL,
            (int) (flags & CSIGNAL),
            a.get(1),
            a.get(2),
            a.get(3),
            a.get(4),
            a.get(2)));
  }

  private long clone3(Task task, SyscallArguments a) {
    long size = a.get(1);
    if (Long.compareUnsigned(size, PAGE_SIZE) > 0) {
      throw Errno.E2BIG.exception();
    }
    if (size < ARGS_SIZE_VER0) {
      throw Errno.EINVAL.exception();
    }
    byte[] bytes = task.memory().copyIn(a.get(0), (int) size);
    for (int i = ARGS_SIZE; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        throw Errno.E2BIG.exception();
      }
    }
    ByteBuffer b =
        ByteBuffer.wrap(java.util.Arrays.copyOf(bytes, ARGS_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
    long flags = b.getLong(0);
    long exitSignal = b.getLong(32);
    long stack = b.getLong(40);
    long stackSize = b.getLong(48);
    boolean badStack = (stack == 0) != (stackSize == 0);
    boolean threadWithSignal = (flags & CloneRequest.CLONE_THREAD) != 0 && exitSignal != 0;
    boolean unknown = (flags & CloneRequest.CLONE_DETACHED) != 0 || (flags & CSIGNAL) != 0;
    if (badStack || threadWithSignal || unknown || exitSignal < 0 || exitSignal > Signal.SIGRTMAX) {
      throw Errno.EINVAL.exception();
    }
    if (b.getLong(64) != 0 || b.getLong(72) != 0) {
      throw Errno.EINVAL.exception(); // set_tid: as without pid namespaces of one's own
    }
    return factory.clone(
        task,
        new CloneRequest(
            flags,
            (int) exitSignal,
            stack + stackSize,
            b.getLong(24),
            b.getLong(16),
            b.getLong(56),
            b.getLong(8)));
  }
}
