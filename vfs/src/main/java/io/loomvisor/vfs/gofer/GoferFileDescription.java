package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.CachedFile;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A regular file of the host, open. The position is taken before the copy and put back if less was
 * copied, so that tasks that share the description get different parts of the file.
 */
final class GoferFileDescription extends FileDescription {
  private static final Logger LOG = LoggerFactory.getLogger(GoferFileDescription.class);

  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int FALLOC_FL_ZERO_RANGE = 16;

  private final GoferRegular inode;
  private final CachedFile contents;
  private final AtomicLong position = new AtomicLong();

  GoferFileDescription(GoferRegular inode, VfsPath path, int flags) {
    super(path, flags);
    this.inode = inode;
    this.contents = inode.contents();
    inode.pin();
  }

  @Override
  protected void onRelease() {
    if (writable() && !inode.gone()) {
      try {
        contents.writeBack();
      } catch (LinuxException e) {
        // Stays dirty: fsync of whoever has the file open next, or sync, tries again and tells.
        LOG.warn("Stores to a mapped file could not be written back: {}", e.errno());
      }
    }
    inode.unpin();
  }

  @Override
  public Inode inode() {
    return inode;
  }

  @Override
  public long read(IoTarget target) {
    inode.check();
    long from;
    long n;
    do {
      from = position.get();
      n = Math.min(target.remaining(), contents.size() - from);
      if (n <= 0) {
        return 0;
      }
    } while (!position.compareAndSet(from, from + n));
    long done = 0;
    try {
      done = inode.read(target, from, n);
    } finally {
      giveBack(from + n, from + done);
    }
    return done;
  }

  @Override
  public long pread(IoTarget target, long offset) {
    return inode.read(target, offset, target.remaining());
  }

  private boolean appends() {
    return (statusFlags() & OpenFlags.O_APPEND) != 0;
  }

  @Override
  public long write(IoSource source) {
    long n = source.remaining();
    long[] end = new long[1];
    if (appends()) {
      long done = contents.write(source, -1, n, end);
      if (done > 0) {
        position.set(end[0]);
      }
      return written(done);
    }
    long from;
    do {
      from = position.get();
      if (n > Long.MAX_VALUE - from) {
        throw Errno.EFBIG.exception();
      }
    } while (!position.compareAndSet(from, from + n));
    long done = 0;
    try {
      done = contents.write(source, from, n, end);
    } finally {
      giveBack(from + n, from + done);
    }
    return written(done);
  }

  /** With O_APPEND the offset is ignored, as Linux does (pwrite(2), BUGS). */
  @Override
  public long pwrite(IoSource source, long offset) {
    return written(
        contents.write(source, appends() ? -1 : offset, source.remaining(), new long[1]));
  }

  private long written(long bytes) {
    if (bytes > 0) {
      inode.touched();
      int flags = statusFlags();
      if ((flags & OpenFlags.O_DSYNC) != 0) {
        contents.synchronize((flags & OpenFlags.O_SYNC) != OpenFlags.O_SYNC);
      }
    }
    return bytes;
  }

  private void giveBack(long taken, long reached) {
    if (taken != reached) {
      position.compareAndSet(taken, reached);
    }
  }

  @Override
  public long seek(long offset, int whence) {
    if (whence == SEEK_CUR) {
      return seekBy(offset);
    }
    if (whence != SEEK_SET) {
      inode.check();
    }
    long size = contents.size();
    long to =
        switch (whence) {
          case SEEK_SET -> offset;
          case SEEK_END -> {
            if (offset > Long.MAX_VALUE - size) {
              throw Errno.EOVERFLOW.exception();
            }
            yield size + offset;
          }
          case SEEK_DATA, SEEK_HOLE -> {
            if (offset < 0 || offset >= size) {
              throw Errno.ENXIO.exception();
            }
            yield contents.seek(offset, whence);
          }
          default -> throw Errno.EINVAL.exception();
        };
    if (to < 0) {
      throw Errno.EINVAL.exception();
    }
    position.set(to);
    return to;
  }

  private long seekBy(long delta) {
    for (; ; ) {
      long from = position.get();
      if (delta > Long.MAX_VALUE - from || from + delta < 0) {
        throw Errno.EINVAL.exception();
      }
      if (position.compareAndSet(from, from + delta)) {
        return from + delta;
      }
    }
  }

  @Override
  public void truncate(long size) {
    inode.truncate(size);
  }

  @Override
  public void fallocate(int mode, long offset, long length) {
    if (offset > Long.MAX_VALUE - length) {
      throw Errno.EFBIG.exception();
    }
    boolean zeroes =
        switch (mode) {
          case 0, FALLOC_FL_KEEP_SIZE -> false;
          case FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE,
              FALLOC_FL_ZERO_RANGE,
              FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE ->
              true;
          default -> throw Errno.EOPNOTSUPP.exception();
        };
    contents.allocate(mode, zeroes, (mode & FALLOC_FL_KEEP_SIZE) != 0, offset, length);
    inode.touched();
  }

  @Override
  public Mappable mappable() {
    inode.check();
    return contents;
  }

  @Override
  public void fsync(boolean dataOnly) {
    contents.synchronize(dataOnly);
    inode.check();
  }
}
