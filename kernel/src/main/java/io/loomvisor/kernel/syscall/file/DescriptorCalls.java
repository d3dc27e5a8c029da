package io.loomvisor.kernel.syscall.file;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.CLOSE;
import static io.loomvisor.kernel.syscall.SyscallNumber.CLOSE_RANGE;
import static io.loomvisor.kernel.syscall.SyscallNumber.DUP;
import static io.loomvisor.kernel.syscall.SyscallNumber.DUP2;
import static io.loomvisor.kernel.syscall.SyscallNumber.DUP3;
import static io.loomvisor.kernel.syscall.SyscallNumber.FCNTL;
import static io.loomvisor.kernel.syscall.SyscallNumber.FLOCK;
import static io.loomvisor.kernel.syscall.SyscallNumber.IOCTL;
import static io.loomvisor.kernel.syscall.SyscallNumber.LSEEK;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.lock.FileKey;
import io.loomvisor.kernel.lock.FileLocks;
import io.loomvisor.kernel.socket.inet.InterfaceRequests;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.socket.SocketDescription;
import io.loomvisor.vfs.tty.PtyMaster;

/** Closing, duplicating and controlling descriptors. */
final class DescriptorCalls {
  private static final int FIONCLEX = 0x5450;
  private static final int FIOCLEX = 0x5451;
  private static final int FIONBIO = 0x5421;
  private static final int FIOASYNC = 0x5452;
  private static final int CLOSE_RANGE_UNSHARE = 2;
  private static final int CLOSE_RANGE_CLOEXEC = 4;

  private final KernelContext kernel;
  private final FileLocks locks;

  DescriptorCalls(KernelContext kernel) {
    this.kernel = kernel;
    this.locks = kernel.fileLocks();
  }

  void register(SyscallTable.Builder b) {
    b.full(CLOSE, quick(this::close));
    b.full(CLOSE_RANGE, this::closeRange);
    b.full(DUP, quick(this::dup));
    b.full(DUP2, quick(this::dup2));
    b.full(DUP3, quick(this::dup3));
    b.partial(
        FCNTL, "leases and directory notification: EINVAL", quick(new FcntlCall(locks)::call));
    b.full(FLOCK, new FlockCall(locks)::call);
    b.full(IOCTL, quick(this::ioctl));
    b.full(LSEEK, quick(this::lseek));
  }

  private long close(Task task, SyscallArguments a) {
    FileDescription d = task.descriptors().remove(a.getInt(0));
    if (d == null) {
      throw Errno.EBADF.exception();
    }
    dropRecordLocks(task.descriptors(), d);
    d.flush(task.group());
    d.release();
    return 0;
  }

  /** Closing any descriptor of a file ends the process's record locks on it (fcntl(2)). */
  private void dropRecordLocks(FdTable table, FileDescription d) {
    if (locks.anyRecordLocks() && (d.statusFlags() & OpenFlags.O_PATH) == 0) {
      locks.closed(FileKey.of(d), table);
    }
  }

  private long closeRange(Task task, SyscallArguments a) {
    int first = a.getInt(0);
    int last = a.getInt(1);
    int flags = a.getInt(2);
    if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) != 0
        || Integer.compareUnsigned(first, last) > 0) {
      throw Errno.EINVAL.exception();
    }
    if ((flags & CLOSE_RANGE_UNSHARE) != 0 && task.descriptors().shared()) {
      FdTable own = task.descriptors().copy();
      FdTable old = task.descriptors();
      task.setDescriptors(own);
      old.unshare();
    }
    if (first < 0) {
      return 0;
    }
    int end = last < 0 ? Integer.MAX_VALUE : last;
    boolean mark = (flags & CLOSE_RANGE_CLOEXEC) != 0;
    FdTable table = task.descriptors();
    if (!mark && locks.anyRecordLocks()) {
      for (FdTable.Descriptor d : table.snapshot()) {
        if (d.number() >= first && d.number() <= end) {
          closeOne(table, d.number());
        }
      }
      return 0;
    }
    table.closeRange(first, end, mark);
    return 0;
  }

  private void closeOne(FdTable table, int fd) {
    FileDescription d = table.remove(fd);
    if (d != null) {
      dropRecordLocks(table, d);
      d.release();
    }
  }

  private long dup(Task task, SyscallArguments a) {
    return OpenFile.install(task, task.descriptors().get(a.getInt(0)), false);
  }

  private long dup2(Task task, SyscallArguments a) {
    int from = a.getInt(0);
    int to = a.getInt(1);
    if (from == to) {
      task.descriptors().isCloseOnExec(from);
      return to;
    }
    return duplicate(task, from, to, false);
  }

  private long dup3(Task task, SyscallArguments a) {
    int flags = a.getInt(2);
    if ((flags & ~OpenFlags.O_CLOEXEC) != 0 || a.getInt(0) == a.getInt(1)) {
      throw Errno.EINVAL.exception();
    }
    return duplicate(task, a.getInt(0), a.getInt(1), flags != 0);
  }

  private long duplicate(Task task, int from, int to, boolean cloexec) {
    FdTable table = task.descriptors();
    FileDescription d = table.get(from);
    try {
      if (locks.anyRecordLocks() && to >= 0 && to < task.group().limits().openFiles()) {
        closeOne(table, to);
      }
      table.installAt(to, d, task.group().limits().openFiles(), cloexec);
    } catch (RuntimeException | Error e) {
      d.release();
      throw e;
    }
    return to;
  }

  private long ioctl(Task task, SyscallArguments a) {
    int fd = a.getInt(0);
    int request = a.getInt(1);
    long argument = a.get(2);
    try (OpenFile f = OpenFile.of(task, fd)) {
      FileDescription d = f.description();
      switch (request) {
        case PtyMaster.TIOCGPTPEER -> {
          return openPeer(task, d, (int) argument);
        }
        case FIOCLEX -> task.descriptors().setCloseOnExec(fd, true);
        case FIONCLEX -> task.descriptors().setCloseOnExec(fd, false);
        case FIONBIO -> setFlag(d, OpenFlags.O_NONBLOCK, task.memory().getInt(argument) != 0);
        case FIOASYNC -> setFlag(d, OpenFlags.O_ASYNC, task.memory().getInt(argument) != 0);
        default -> {
          if (d instanceof SocketDescription && InterfaceRequests.isOne(request)) {
            InterfaceRequests.call(kernel.inet().get().ip(), task, request, argument);
            return 0;
          }
          return d.ioctl(task, request, argument);
        }
      }
      return 0;
    }
  }

  private static long openPeer(Task task, FileDescription d, int flags) {
    if (!(d instanceof PtyMaster master)) {
      throw Errno.ENOTTY.exception();
    }
    return OpenFile.install(task, master.openPeer(flags, task), (flags & OpenFlags.O_CLOEXEC) != 0);
  }

  private static void setFlag(FileDescription d, int flag, boolean on) {
    d.setStatusFlags(on ? d.statusFlags() | flag : d.statusFlags() & ~flag);
  }

  private long lseek(Task task, SyscallArguments a) {
    int whence = a.getInt(2);
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      if (whence < 0 || whence > 4) {
        throw Errno.EINVAL.exception();
      }
      return f.description().seek(a.get(1), whence);
    }
  }
}
