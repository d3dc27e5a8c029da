package io.loomvisor.vfs.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A description over a regular file (or block device, or directory) of the host. The inherited one
 * moves the host's own file offset, which it shares with whoever started the sandbox; one opened
 * again by way of /proc/self/fd has its own.
 */
public final class HostRegular extends HostDescription {
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;

  /** Null: the host's offset. */
  private final AtomicLong ownPosition;

  HostRegular(HostFile file, VfsPath place, int flags, boolean reopened) {
    super(file, place, flags);
    this.ownPosition = reopened ? new AtomicLong() : null;
  }

  @Override
  public long read(IoTarget target) {
    if (ownPosition != null) {
      long from = ownPosition.get();
      long n = pread(target, from);
      ownPosition.compareAndSet(from, from + n);
      return n;
    }
    return in(target, -1);
  }

  @Override
  public long pread(IoTarget target, long offset) {
    if (offset < 0) {
      throw Errno.EINVAL.exception();
    }
    return in(target, offset);
  }

  private long in(IoTarget target, long offset) {
    MemorySegment buffer = file.takeBuffer();
    long total = 0;
    try {
      while (target.remaining() > 0) {
        MemorySegment part =
            buffer.asSlice(0, target.prepare(Math.min(target.remaining(), buffer.byteSize())));
        long n =
            offset < 0
                ? StreamCalls.read(file.descriptor(), part)
                : DescriptorCalls.pread(file.descriptor(), part, offset + total);
        if (n == 0) {
          break;
        }
        total += target.put(part, 0, n);
        if (n < part.byteSize()) {
          break;
        }
      }
      return total;
    } catch (LinuxException e) {
      if (total > 0) {
        return total;
      }
      throw e;
    } finally {
      file.giveBuffer(buffer);
    }
  }

  @Override
  public long write(IoSource source) {
    if ((statusFlags() & ~file.hostFlags() & OpenFlags.O_APPEND) != 0) {
      return out(source, (part, done) -> StreamCalls.append(file.descriptor(), part));
    }
    if (ownPosition != null) {
      long from = ownPosition.get();
      long n = pwrite(source, from);
      ownPosition.compareAndSet(from, from + n);
      return n;
    }
    return out(source, (part, done) -> StreamCalls.write(file.descriptor(), part));
  }

  @Override
  public long pwrite(IoSource source, long offset) {
    if (offset < 0) {
      throw Errno.EINVAL.exception();
    }
    return out(
        source, (part, done) -> DescriptorCalls.pwrite(file.descriptor(), part, offset + done));
  }

  @FunctionalInterface
  private interface Sink {
    /** Bytes of {@code part} written; {@code done} were before. */
    long write(MemorySegment part, long done);
  }

  /**
   * A short count of the host (disk full) ends the call; the bytes that were not taken are lost to
   * nobody but it.
   */
  private long out(IoSource source, Sink sink) {
    MemorySegment buffer = file.takeBuffer();
    long total = 0;
    try {
      while (source.remaining() > 0) {
        long got = source.get(buffer, 0, Math.min(source.remaining(), buffer.byteSize()));
        long n = sink.write(buffer.asSlice(0, got), total);
        total += n;
        if (n < got) {
          break;
        }
      }
      return total;
    } catch (LinuxException e) {
      if (total > 0) {
        return total;
      }
      throw e;
    } finally {
      file.giveBuffer(buffer);
    }
  }

  @Override
  public long seek(long offset, int whence) {
    if (ownPosition == null) {
      return DescriptorCalls.seek(file.descriptor(), offset, whence);
    }
    long to =
        whence == SEEK_CUR
            ? ownPosition.get() + offset
            : whence == SEEK_SET ? offset : seekByHost(offset, whence);
    if (to < 0) {
      throw Errno.EINVAL.exception();
    }
    ownPosition.set(to);
    return to;
  }

  /**
   * SEEK_END, SEEK_DATA and SEEK_HOLE, which do not depend on the host's offset: it is put back
   * where it was.
   */
  private long seekByHost(long offset, int whence) {
    long before = DescriptorCalls.seek(file.descriptor(), 0, SEEK_CUR);
    try {
      return DescriptorCalls.seek(file.descriptor(), offset, whence);
    } finally {
      DescriptorCalls.seek(file.descriptor(), before, SEEK_SET);
    }
  }

  @Override
  public void truncate(long size) {
    DescriptorCalls.truncate(file.descriptor(), size);
  }

  @Override
  public void fallocate(int mode, long offset, long length) {
    DescriptorCalls.allocate(file.descriptor(), mode, offset, length);
  }
}
