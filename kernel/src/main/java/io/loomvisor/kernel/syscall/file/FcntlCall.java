package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.lock.FileLocks;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.task.Task;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.vfs.FileDescription;

/** fcntl(2). */
final class FcntlCall {
  private static final int F_DUPFD = 0;
  private static final int F_GETFD = 1;
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_GETLK = 5;
  private static final int F_SETLK = 6;
  private static final int F_SETLKW = 7;
  private static final int F_SETOWN = 8;
  private static final int F_GETOWN = 9;
  private static final int F_SETSIG = 10;
  private static final int F_GETSIG = 11;
  private static final int F_SETOWN_EX = 15;
  private static final int F_GETOWN_EX = 16;
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final int F_OFD_SETLKW = 38;
  private static final int F_DUPFD_QUERY = 1027;
  private static final int F_CREATED_QUERY = 1028;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int FD_CLOEXEC = 1;

  private final RecordLockCalls records;
  private final SignalOwners owners = new SignalOwners();

  FcntlCall(FileLocks locks) {
    this.records = new RecordLockCalls(locks);
  }

  long call(Task task, SyscallArguments a) {
    int fd = a.getInt(0);
    int command = a.getInt(1);
    long argument = a.get(2);
    try (OpenFile f = OpenFile.any(task, fd)) {
      FileDescription d = f.description();
      if ((d.statusFlags() & OpenFlags.O_PATH) != 0 && !allowedForPath(command)) {
        throw Errno.EBADF.exception();
      }
      return switch (command) {
        case F_DUPFD -> duplicate(task, d, (int) argument, false);
        case F_DUPFD_CLOEXEC -> duplicate(task, d, (int) argument, true);
        case F_DUPFD_QUERY -> sameAs(task, d, (int) argument);
        case F_GETFD -> task.descriptors().isCloseOnExec(fd) ? FD_CLOEXEC : 0;
        case F_SETFD -> {
          task.descriptors().setCloseOnExec(fd, (argument & FD_CLOEXEC) != 0);
          yield 0;
        }
        case F_GETFL -> d.statusFlags();
        case F_SETFL -> setFlags(d, (int) argument);
        case F_GETLK -> records.test(task, d, argument, false);
        case F_SETLK -> records.set(task, d, argument, false, false);
        case F_SETLKW -> records.set(task, d, argument, false, true);
        case F_OFD_GETLK -> records.test(task, d, argument, true);
        case F_OFD_SETLK -> records.set(task, d, argument, true, false);
        case F_OFD_SETLKW -> records.set(task, d, argument, true, true);
        case F_SETOWN -> owners.setOwner(d, (int) argument);
        case F_GETOWN -> owners.owner(d);
        case F_SETOWN_EX -> owners.setOwnerEx(task, d, argument);
        case F_GETOWN_EX -> owners.ownerEx(task, d, argument);
        case F_SETSIG -> owners.setSignal(d, argument);
        case F_GETSIG -> owners.signal(d);
        case F_CREATED_QUERY -> throw Errno.EINVAL.exception();
        default -> FileKindCommands.call(task, d, command, argument);
      };
    }
  }

  /** fs/fcntl.c: check_fcntl_cmd. */
  private static boolean allowedForPath(int command) {
    return switch (command) {
      case F_DUPFD, F_DUPFD_CLOEXEC, F_DUPFD_QUERY, F_GETFD, F_SETFD, F_GETFL -> true;
      default -> false;
    };
  }

  private static long duplicate(Task task, FileDescription d, int minimum, boolean cloexec) {
    int limit = task.group().limits().openFiles();
    if (minimum < 0 || minimum >= Math.min(limit, FdTable.NR_OPEN)) {
      throw Errno.EINVAL.exception();
    }
    if (!d.tryRetain()) {
      throw Errno.EBADF.exception();
    }
    try {
      return task.descriptors().install(d, minimum, limit, cloexec);
    } catch (RuntimeException | Error e) {
      d.release();
      throw e;
    }
  }

  private static long sameAs(Task task, FileDescription d, int other) {
    try (OpenFile f = OpenFile.any(task, other)) {
      return f.description() == d ? 1 : 0;
    }
  }

  private static long setFlags(FileDescription d, int flags) {
    boolean wantsDirect =
        (flags & OpenFlags.O_DIRECT) != 0 && (d.statusFlags() & OpenFlags.O_DIRECT) == 0;
    if (wantsDirect && FileMode.isDirectory(d.stat().mode())) {
      throw Errno.EINVAL.exception();
    }
    d.setStatusFlags(flags);
    return 0;
  }
}
