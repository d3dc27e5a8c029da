package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.io.IoTarget;
import java.util.concurrent.atomic.AtomicLong;

/** A regular file of the host, open for reading. */
final class GoferFileDescription extends FileDescription {
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private final CachedFile contents;
  private final AtomicLong position = new AtomicLong();

  GoferFileDescription(GoferRegular inode, VfsPath path, int flags) {
    super(path, flags);
    this.contents = inode.contents();
  }

  @Override
  public long read(IoTarget target) {
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
      done = contents.read(target, from, n);
    } finally {
      if (done < n) {
        position.compareAndSet(from + n, from + done);
      }
    }
    return done;
  }

  @Override
  public long pread(IoTarget target, long offset) {
    return contents.read(target, offset, target.remaining());
  }

  @Override
  public long seek(long offset, int whence) {
    long size = contents.size();
    long to =
        switch (whence) {
          case SEEK_SET -> offset;
          case SEEK_CUR -> position.get() + offset;
          case SEEK_END -> size + offset;
          case SEEK_DATA, SEEK_HOLE -> {
            if (offset < 0 || offset >= size) {
              throw Errno.ENXIO.exception();
            }
            yield whence == SEEK_DATA ? offset : size;
          }
          default -> throw Errno.EINVAL.exception();
        };
    if (to < 0) {
      throw Errno.EINVAL.exception();
    }
    position.set(to);
    return to;
  }

  @Override
  public Mappable mappable() {
    return contents;
  }

  @Override
  public void fsync(boolean dataOnly) {}
}
