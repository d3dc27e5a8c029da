package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.notify.FileNotice;

/** Copies from file to file inside the kernel: sendfile(2) and copy_file_range(2). */
final class TransferCalls {
  private static final int CHUNK = 128 << 10;
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;

  void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.SENDFILE, this::sendfile);
    b.full(SyscallNumber.COPY_FILE_RANGE, this::copyFileRange);
  }

  private long sendfile(Task task, SyscallArguments a) {
    try (OpenFile in = OpenFile.readable(task, a.getInt(1));
        OpenFile out = OpenFile.writable(task, a.getInt(0))) {
      FileDescription source = in.description();
      FileDescription sink = out.description();
      if ((sink.statusFlags() & OpenFlags.O_APPEND) != 0) {
        throw Errno.EINVAL.exception();
      }
      long offset = start(task, source, a.get(2));
      long done = copy(task, source, offset, sink, -1, a.get(3));
      finish(task, source, a.get(2), offset + done);
      return done;
    }
  }

  private long copyFileRange(Task task, SyscallArguments a) {
    try (OpenFile in = OpenFile.readable(task, a.getInt(0));
        OpenFile out = OpenFile.writable(task, a.getInt(2))) {
      FileDescription source = in.description();
      FileDescription sink = out.description();
      if (a.getInt(5) != 0) {
        throw Errno.EINVAL.exception();
      }
      checkRegular(source);
      checkRegular(sink);
      if ((sink.statusFlags() & OpenFlags.O_APPEND) != 0) {
        throw Errno.EBADF.exception();
      }
      long from = start(task, source, a.get(1));
      long to = start(task, sink, a.get(3));
      long length =
          Math.min(
              a.get(4) < 0 ? Long.MAX_VALUE : a.get(4), Math.max(0, source.stat().size() - from));
      if (source.inode() == sink.inode() && from < to + length && to < from + length) {
        throw Errno.EINVAL.exception();
      }
      long done = copy(task, source, from, sink, to, length);
      finish(task, source, a.get(1), from + done);
      finish(task, sink, a.get(3), to + done);
      return done;
    }
  }

  private static void checkRegular(FileDescription d) {
    int mode = d.stat().mode();
    if (!FileMode.isRegular(mode)) {
      throw FileMode.isDirectory(mode) ? Errno.EISDIR.exception() : Errno.EINVAL.exception();
    }
  }

  /** The offset at {@code pointer}, or the file position if that is null. */
  private static long start(Task task, FileDescription d, long pointer) {
    try {
      long offset = pointer != 0 ? task.memory().getLong(pointer) : d.seek(0, SEEK_CUR);
      if (offset < 0) {
        throw Errno.EINVAL.exception();
      }
      return offset;
    } catch (LinuxException e) {
      // sendfile(2): the source must be a file that can be mapped.
      throw e.errno() == Errno.ESPIPE && pointer == 0 ? Errno.EINVAL.exception() : e;
    }
  }

  private static void finish(Task task, FileDescription d, long pointer, long offset) {
    if (pointer != 0) {
      task.memory().putLong(pointer, offset);
    } else {
      d.seek(offset, SEEK_SET);
    }
  }

  /**
   * Copies until the source ends or the sink takes no more.
   *
   * @param to -1 for the sink's position
   */
  private static long copy(
      Task task, FileDescription source, long from, FileDescription sink, long to, long length) {
    long most = Math.min(length < 0 ? Long.MAX_VALUE : length, ReadWriteCalls.MAX_COUNT);
    byte[] chunk = new byte[(int) Math.min(CHUNK, most)];
    long done = 0;
    try {
      while (done < most) {
        int wanted = (int) Math.min(chunk.length, most - done);
        HeapBuffer target = HeapBuffer.wrap(chunk, 0, wanted);
        int n = (int) source.pread(target, from + done);
        if (n == 0) {
          break;
        }
        HeapBuffer bytes = HeapBuffer.wrap(chunk, 0, n);
        long written = Writing.writeUnnoticed(task, sink, bytes, to < 0 ? -1 : to + done, false);
        done += written;
        if (written < n) {
          break;
        }
      }
    } catch (LinuxException e) {
      if (done == 0) {
        throw e;
      }
    }
    task.counters().countReadCall();
    task.counters().countWriteCall();
    if (done > 0) {
      task.counters().countRead(done);
      task.counters().countWritten(done);
      FileNotice.accessed(source);
      FileNotice.modified(sink);
    }
    return done;
  }
}
