package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.pipe.PipeDescription;
import io.loomvisor.vfs.tmpfs.Sealable;

/** The fcntl(2) commands of particular kinds of files. */
final class FileKindCommands {
  private static final int F_NOTIFY = 1026;
  private static final int F_SETLEASE = 1024;
  private static final int F_GETLEASE = 1025;
  private static final int F_UNLCK = 2;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;
  private static final int F_GET_RW_HINT = 1035;
  private static final int F_SET_RW_HINT = 1036;

  private FileKindCommands() {}

  static long call(Task task, FileDescription d, int command, long argument) {
    return switch (command) {
      case F_GETLEASE -> F_UNLCK;
      case F_GETPIPE_SZ -> pipe(d).capacity();
      case F_SETPIPE_SZ ->
          pipe(d).setCapacity(Integer.toUnsignedLong((int) argument), task.credentials());
      case F_GET_RW_HINT -> {
        task.memory().putLong(argument, 0);
        yield 0;
      }
      case F_SET_RW_HINT -> {
        long hint = task.memory().getLong(argument);
        if (hint < 0 || hint > 5) {
          throw Errno.EINVAL.exception();
        }
        yield 0;
      }
      case F_GET_SEALS -> sealable(d).seals();
      case F_ADD_SEALS -> {
        sealable(d).addSeals((int) argument);
        yield 0;
      }
      case F_SETLEASE, F_NOTIFY -> throw Errno.EINVAL.exception();
      default -> throw Errno.EINVAL.exception();
    };
  }

  private static Sealable sealable(FileDescription d) {
    if (d instanceof Sealable s) {
      return s;
    }
    throw Errno.EINVAL.exception();
  }

  private static PipeDescription pipe(FileDescription d) {
    if (d instanceof PipeDescription p) {
      return p;
    }
    throw Errno.EBADF.exception();
  }
}
