package io.loomvisor.kernel.syscall.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.credential.PtraceAccess;
import io.loomvisor.kernel.process.PidFd;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.event.Epoll;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Looking at what another process has: kcmp(2) and pidfd_getfd(2). */
public final class CompareCalls {
  private static final int KCMP_FILE = 0;
  private static final int KCMP_VM = 1;
  private static final int KCMP_FILES = 2;
  private static final int KCMP_FS = 3;
  private static final int KCMP_SIGHAND = 4;
  private static final int KCMP_IO = 5;
  private static final int KCMP_SYSVSEM = 6;
  private static final int KCMP_EPOLL_TFD = 7;

  /** struct kcmp_epoll_slot: efd, tfd, toff. */
  private static final int EPOLL_SLOT_SIZE = 12;

  private final ProcessTree processes;

  public CompareCalls(ProcessTree processes) {
    this.processes = processes;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.KCMP, this::kcmp);
    b.full(SyscallNumber.PIDFD_GETFD, this::pidfdGetfd);
  }

  private long kcmp(Task task, SyscallArguments a) {
    Task one = processes.task(a.getInt(0));
    Task two = processes.task(a.getInt(1));
    if (one == null || two == null) {
      throw Errno.ESRCH.exception();
    }
    PtraceAccess.check(task, one);
    PtraceAccess.check(task, two);
    return switch (a.getInt(2)) {
      case KCMP_FILE -> files(one, a.getInt(3), two, a.getInt(4));
      case KCMP_VM -> order(one.memoryManager(), two.memoryManager());
      case KCMP_FILES -> order(one.descriptors(), two.descriptors());
      case KCMP_FS -> order(one.fileSystem(), two.fileSystem());
      case KCMP_SIGHAND -> order(one.group().dispositions(), two.group().dispositions());
      // Nobody has contexts of these kinds of their own: all are alike, as Linux's null pointers.
      case KCMP_IO, KCMP_SYSVSEM -> 0;
      case KCMP_EPOLL_TFD -> watched(task, one, two, a);
      default -> throw Errno.EINVAL.exception();
    };
  }

  private static long files(Task one, int fd, Task two, int otherFd) {
    try (OpenFile f = OpenFile.any(one, fd);
        OpenFile g = OpenFile.any(two, otherFd)) {
      return order(f.description(), g.description());
    }
  }

  private static long watched(Task task, Task one, Task two, SyscallArguments a) {
    ByteBuffer slot =
        ByteBuffer.wrap(task.memory().copyIn(a.get(4), EPOLL_SLOT_SIZE))
            .order(ByteOrder.LITTLE_ENDIAN);
    try (OpenFile file = OpenFile.any(one, a.getInt(3));
        OpenFile instance = OpenFile.any(two, slot.getInt(0))) {
      if (!(instance.description() instanceof Epoll epoll)) {
        throw Errno.EINVAL.exception();
      }
      FileDescription target = epoll.watched(slot.getInt(4), slot.getInt(8));
      if (target == null) {
        throw Errno.ENOENT.exception();
      }
      return order(file.description(), target);
    }
  }

  /** 0 equal, 1 less, 2 greater, by an order that stays. */
  private static long order(Object one, Object two) {
    if (one == two) {
      return 0;
    }
    return System.identityHashCode(one) < System.identityHashCode(two) ? 1 : 2;
  }

  private long pidfdGetfd(Task task, SyscallArguments a) {
    if (a.getInt(2) != 0) {
      throw Errno.EINVAL.exception();
    }
    try (OpenFile file = OpenFile.any(task, a.getInt(0))) {
      if (!(file.description() instanceof PidFd pidfd)) {
        throw Errno.EBADF.exception();
      }
      Task target = processes.task(pidfd.group().id());
      if (target == null || target.group() != pidfd.group()) {
        throw Errno.ESRCH.exception();
      }
      PtraceAccess.check(task, target);
      return OpenFile.install(task, target.descriptors().get(a.getInt(1)), true);
    }
  }
}
