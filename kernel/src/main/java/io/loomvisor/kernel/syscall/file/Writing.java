package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.block.Blocking;
import io.loomvisor.kernel.syscall.Signals;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.notify.FileNotice;
import io.loomvisor.vfs.pipe.PipeDescription;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketDescription;
import java.lang.foreign.MemorySegment;

/**
 * What write(2) does above the file: waits until all is written, raises SIGPIPE, keeps to
 * RLIMIT_FSIZE.
 */
public final class Writing {
  private static final int SEEK_CUR = 1;
  private static final int PIPE_BUF = 4096;

  private Writing() {}

  /**
   * Writes {@code source}; partial counts win over errors.
   *
   * @param offset -1 for the file position
   * @param nowait never waits, as with O_NONBLOCK
   */
  public static long write(
      Task task, FileDescription d, IoSource source, long offset, boolean nowait) {
    long n = writeUnnoticed(task, d, source, offset, nowait);
    task.counters().countWriteCall();
    if (n > 0) {
      task.counters().countWritten(n);
      FileNotice.modified(d);
    }
    return n;
  }

  /** As {@link #write} for callers that tell those who watch the file themselves. */
  static long writeUnnoticed(
      Task task, FileDescription d, IoSource source, long offset, boolean nowait) {
    IoSource limited = withinFileSize(task, d, source, offset);
    boolean wait = !nowait && (d.statusFlags() & OpenFlags.O_NONBLOCK) == 0;
    if (wait && task.aside() && mayBeTakenInParts(d, source.remaining())) {
      task.requireOwnThread(); // it may have to wait when the first part has been taken
    }
    long total = 0;
    try {
      for (; ; ) {
        long at = offset < 0 ? -1 : offset + total;
        long n =
            wait
                ? Blocking.run(task, d, Blocking.WRITE, () -> once(task, d, limited, at))
                : once(task, d, limited, at);
        total += n;
        if (!wait || n <= 0 || limited.remaining() == 0 || !streams(d)) {
          return total;
        }
      }
    } catch (LinuxException e) {
      if (e.errno() == Errno.EPIPE && d.raisesSigpipe(total)) {
        Signals.raise(task, Signal.SIGPIPE);
      }
      if (total > 0) {
        return total;
      }
      throw e;
    }
  }

  /** pwritev2(2) with RWF_APPEND. Other files than regular ones are written as they always are. */
  static long append(Task task, FileDescription d, IoSource source, boolean movePosition) {
    FileStat stat = d.stat();
    if (!FileMode.isRegular(stat.mode())) {
      return write(task, d, source, -1, false);
    }
    long n = d.append(withinFileSize(task, d, source, stat.size()), movePosition);
    task.counters().countWriteCall();
    if (n > 0) {
      task.counters().countWritten(n);
      FileNotice.modified(d);
    }
    return n;
  }

  private static long once(Task task, FileDescription d, IoSource source, long offset) {
    if (offset < 0 && d instanceof SocketDescription s) {
      return s.send(At.here(task), Sending.plain(source, 0));
    }
    return offset < 0 ? d.write(source) : d.pwrite(source, offset);
  }

  /**
   * Pipes, sockets and terminals take a blocking write in parts; others say with a short count that
   * this is it.
   */
  private static boolean streams(FileDescription d) {
    return switch (d.stat().mode() & FileMode.S_IFMT) {
      case FileMode.S_IFIFO, FileMode.S_IFSOCK, FileMode.S_IFCHR -> d.waitQueue() != null;
      default -> false;
    };
  }

  /** A pipe takes what is not longer than PIPE_BUF at once or not at all (pipe(7)). */
  private static boolean mayBeTakenInParts(FileDescription d, long length) {
    return !(d instanceof PipeDescription && length <= PIPE_BUF) && streams(d);
  }

  private static IoSource withinFileSize(
      Task task, FileDescription d, IoSource source, long offset) {
    long limit = task.group().limits().soft(ResourceLimits.RLIMIT_FSIZE);
    if (limit == Long.MAX_VALUE || source.remaining() == 0) {
      return source;
    }
    FileStat stat = d.stat();
    if (!FileMode.isRegular(stat.mode())) {
      return source;
    }
    boolean append = (d.statusFlags() & OpenFlags.O_APPEND) != 0;
    long at = append ? stat.size() : offset >= 0 ? offset : d.seek(0, SEEK_CUR);
    checkFileSize(task, at >= limit);
    return new Limited(source, limit - at);
  }

  /** EFBIG and SIGXFSZ if {@code over} RLIMIT_FSIZE. */
  static void checkFileSize(Task task, boolean over) {
    if (over) {
      Signals.raise(task, Signal.SIGXFSZ);
      throw Errno.EFBIG.exception();
    }
  }

  /** The first bytes of another source. */
  private static final class Limited implements IoSource {
    private final IoSource source;
    private long left;

    Limited(IoSource source, long limit) {
      this.source = source;
      this.left = Math.min(limit, source.remaining());
    }

    @Override
    public long remaining() {
      return left;
    }

    @Override
    public long prepare(long max) {
      return source.prepare(Math.min(max, left));
    }

    @Override
    public long get(MemorySegment target, long offset, long length) {
      long n = source.get(target, offset, Math.min(length, left));
      left -= n;
      return n;
    }

    @Override
    public void back(long length) {
      source.back(length);
      left += length;
    }
  }
}
