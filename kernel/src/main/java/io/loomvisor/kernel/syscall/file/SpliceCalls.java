package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.Signals;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.notify.FileNotice;
import io.loomvisor.vfs.pipe.PipeDescription;
import java.util.function.LongSupplier;

/**
 * Through pipes: splice(2), tee(2), vmsplice(2). The checks and their order are fs/splice.c's.
 * Bytes are copied.
 */
final class SpliceCalls {
  /** SPLICE_F_MOVE, _NONBLOCK, _MORE, _GIFT. */
  private static final int SPLICE_FLAGS = 15;

  private static final int SPLICE_F_NONBLOCK = 2;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_SET = 0;

  void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.SPLICE, this::splice);
    b.full(SyscallNumber.TEE, this::tee);
    b.full(SyscallNumber.VMSPLICE, this::vmsplice);
  }

  private long splice(Task task, SyscallArguments a) {
    int length = length(a.get(4));
    int flags = checked(a.getInt(5));
    if (length == 0) {
      return 0;
    }
    try (OpenFile in = OpenFile.readable(task, a.getInt(0));
        OpenFile out = OpenFile.writable(task, a.getInt(2))) {
      FileDescription from = in.description();
      FileDescription to = out.description();
      boolean fromPipe = from instanceof PipeDescription;
      boolean toPipe = to instanceof PipeDescription;
      if (fromPipe && a.get(1) != 0 || toPipe && a.get(3) != 0) {
        throw Errno.ESPIPE.exception();
      }
      if (fromPipe && toPipe) {
        return pipeToPipe(task, (PipeDescription) from, (PipeDescription) to, length, flags);
      }
      if (from instanceof PipeDescription pipe) {
        return pipeToFile(task, pipe, to, a.get(3), length, flags);
      }
      if (to instanceof PipeDescription pipe) {
        return fileToPipe(task, from, a.get(1), pipe, length, flags);
      }
      throw Errno.EINVAL.exception();
    }
  }

  private static int length(long length) {
    return (int) Math.min(length < 0 ? ReadWriteCalls.MAX_COUNT : length, ReadWriteCalls.MAX_COUNT);
  }

  private static int checked(int flags) {
    if ((flags & ~SPLICE_FLAGS) != 0) {
      throw Errno.EINVAL.exception();
    }
    return flags;
  }

  private long pipeToPipe(
      Task task, PipeDescription from, PipeDescription to, int length, int flags) {
    checkDistinct(from, to);
    return withSignal(
        task,
        () -> {
          byte[] bytes =
              takeOut(task, from, flags, Math.min(length, awaitRoom(task, to, flags)), true);
          return pass(from, to, bytes);
        });
  }

  private static long pass(PipeDescription from, PipeDescription to, byte[] bytes) {
    try {
      to.putIn(bytes.clone(), bytes.length);
    } catch (LinuxException e) {
      from.putBack(bytes, 0);
      throw e;
    }
    return bytes.length;
  }

  private long pipeToFile(
      Task task, PipeDescription from, FileDescription to, long pointer, int length, int flags) {
    long offset = offset(task, to, pointer);
    if ((to.statusFlags() & OpenFlags.O_APPEND) != 0) {
      throw Errno.EINVAL.exception();
    }
    byte[] bytes = takeOut(task, from, flags, length, true);
    HeapBuffer source = HeapBuffer.wrap(bytes);
    long written = 0;
    try {
      written = Writing.write(task, to, source, offset, false);
    } finally {
      from.putBack(bytes, (int) written);
    }
    if (pointer != 0) {
      task.memory().putLong(pointer, offset + written);
    }
    return written;
  }

  private long fileToPipe(
      Task task, FileDescription from, long pointer, PipeDescription to, int length, int flags) {
    if (FileMode.isDirectory(from.stat().mode())) {
      throw Errno.EINVAL.exception();
    }
    long offset = offset(task, from, pointer);
    return withSignal(
        task,
        () -> {
          byte[] bytes = new byte[Math.min(length, awaitRoom(task, to, flags))];
          HeapBuffer target = HeapBuffer.wrap(bytes);
          int n =
              (int) Blocking.run(task, from, Blocking.READ, () -> readOnce(from, target, offset));
          if (n > 0) {
            to.putIn(bytes, n);
            FileNotice.accessed(from);
          }
          if (pointer != 0) {
            task.memory().putLong(pointer, offset + n);
          }
          return n;
        });
  }

  private static long readOnce(FileDescription d, IoTarget target, long offset) {
    return offset < 0 ? d.read(target) : d.pread(target, offset);
  }

  /** The offset at {@code pointer}; -1 if that is null. EINVAL if the file cannot seek. */
  private static long offset(Task task, FileDescription d, long pointer) {
    if (pointer == 0) {
      return -1;
    }
    try {
      d.seek(d.seek(0, SEEK_CUR), SEEK_SET);
    } catch (LinuxException e) {
      throw Errno.EINVAL.exception();
    }
    long offset = task.memory().getLong(pointer);
    if (offset < 0) {
      throw Errno.EINVAL.exception();
    }
    return offset;
  }

  private long tee(Task task, SyscallArguments a) {
    int length = length(a.get(2));
    int flags = checked(a.getInt(3));
    if (length == 0) {
      return 0;
    }
    try (OpenFile in = OpenFile.readable(task, a.getInt(0));
        OpenFile out = OpenFile.writable(task, a.getInt(1))) {
      if (!(in.description() instanceof PipeDescription from)
          || !(out.description() instanceof PipeDescription to)) {
        throw Errno.EINVAL.exception();
      }
      checkDistinct(from, to);
      return withSignal(
          task,
          () -> {
            byte[] bytes =
                takeOut(task, from, flags, Math.min(length, awaitRoom(task, to, flags)), false);
            to.putIn(bytes, bytes.length);
            return bytes.length;
          });
    }
  }

  private static void checkDistinct(PipeDescription from, PipeDescription to) {
    if (from.samePipe(to)) {
      throw Errno.EINVAL.exception();
    }
  }

  private long vmsplice(Task task, SyscallArguments a) {
    int flags = checked(a.getInt(3));
    try (OpenFile f = OpenFile.of(task, a.getInt(0))) {
      FileDescription d = f.description();
      if (!(d instanceof PipeDescription pipe)) {
        throw Errno.EBADF.exception();
      }
      if (d.writable()) {
        IoSource source = task.memory().sourceVector(a.get(1), a.getInt(2));
        return source.remaining() == 0
            ? 0
            : withSignal(task, () -> vmspliceIn(task, pipe, source, flags));
      }
      IoTarget target = task.memory().targetVector(a.get(1), a.getInt(2));
      return target.remaining() == 0
          ? 0
          : waiting(task, pipe, Blocking.READ, flags, () -> d.read(target));
    }
  }

  private static long vmspliceIn(Task task, PipeDescription pipe, IoSource source, int flags) {
    byte[] bytes = new byte[(int) Math.min(source.remaining(), awaitRoom(task, pipe, flags))];
    int n = (int) source.get(java.lang.foreign.MemorySegment.ofArray(bytes), 0, bytes.length);
    pipe.putIn(bytes, n);
    return n;
  }

  private static byte[] takeOut(
      Task task, PipeDescription from, int flags, int max, boolean consume) {
    byte[][] taken = new byte[1][];
    waiting(
        task,
        from,
        Blocking.READ,
        flags,
        () -> {
          taken[0] = consume ? from.takeOut(max) : from.copyOut(max);
          return 0;
        });
    return taken[0];
  }

  private static int awaitRoom(Task task, PipeDescription to, int flags) {
    return (int) waiting(task, to, Blocking.WRITE, flags, to::room);
  }

  private static long waiting(
      Task task, PipeDescription pipe, int events, int flags, LongSupplier attempt) {
    boolean wait =
        (flags & SPLICE_F_NONBLOCK) == 0 && (pipe.statusFlags() & OpenFlags.O_NONBLOCK) == 0;
    return Blocking.run(
        task,
        wait ? pipe.waitQueue() : null,
        events,
        Sleeper.FOREVER,
        Errno.EAGAIN,
        Errno.ERESTARTSYS,
        attempt);
  }

  /** A pipe without readers raises SIGPIPE, as for write(2). */
  private static long withSignal(Task task, LongSupplier action) {
    try {
      return action.getAsLong();
    } catch (LinuxException e) {
      if (e.errno() == Errno.EPIPE) {
        Signals.raise(task, Signal.SIGPIPE);
      }
      throw e;
    }
  }
}
