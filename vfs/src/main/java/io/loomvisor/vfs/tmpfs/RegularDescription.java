package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.mount.Mount;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An open regular file. The position is taken before the copy and put back if less was copied, so
 * that tasks that share the description get different parts of the file.
 */
final class RegularDescription extends FileDescription implements Sealable {
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;

  private final TmpRegular inode;
  private final FileData data;
  private final String memfdName;
  private final AtomicLong position = new AtomicLong();

  /** {@code memfdName}: null for files opened by path. */
  RegularDescription(TmpRegular inode, VfsPath path, int flags, String memfdName) {
    super(path, flags);
    this.inode = inode;
    this.data = inode.data();
    this.memfdName = memfdName;
    inode.pin();
  }

  @Override
  protected void onRelease() {
    inode.unpin();
  }

  @Override
  public Inode inode() {
    return inode;
  }

  @Override
  public String displayName() {
    return "/memfd:" + memfdName + " (deleted)";
  }

  @Override
  public VfsPath place() {
    return memfdName == null ? path() : inode.fs().memfdPlace(inode, memfdName);
  }

  @Override
  public long read(IoTarget target) {
    long from;
    long n;
    do {
      from = position.get();
      n = Math.min(target.remaining(), data.size() - from);
      if (n <= 0) {
        return 0;
      }
    } while (!position.compareAndSet(from, from + n));
    long done = 0;
    try {
      done = FileTransfer.read(data, target, from, n);
    } finally {
      giveBack(from + n, from + done);
    }
    touched();
    return done;
  }

  @Override
  public long pread(IoTarget target, long offset) {
    long done = FileTransfer.read(data, target, offset, target.remaining());
    touched();
    return done;
  }

  private void touched() {
    VfsPath p = path();
    Mount mount = p == null ? null : p.mount();
    inode.accessed(mount, statusFlags());
  }

  @Override
  public long write(IoSource source) {
    if ((statusFlags() & OpenFlags.O_APPEND) != 0) {
      return append(source, true);
    }
    long n = source.remaining();
    long from;
    do {
      from = position.get();
      if (n > Long.MAX_VALUE - from) {
        throw Errno.EFBIG.exception();
      }
    } while (!position.compareAndSet(from, from + n));
    long done = 0;
    try {
      done = FileTransfer.write(data, source, from, n);
    } finally {
      giveBack(from + n, from + done);
    }
    written(done);
    return done;
  }

  /** With O_APPEND the offset is ignored, as Linux does (pwrite(2), BUGS). */
  @Override
  public long pwrite(IoSource source, long offset) {
    if ((statusFlags() & OpenFlags.O_APPEND) != 0) {
      return append(source, false);
    }
    long done = FileTransfer.write(data, source, offset, source.remaining());
    written(done);
    return done;
  }

  @Override
  public long append(IoSource source, boolean movePosition) {
    long[] end = new long[1];
    long done = FileTransfer.append(data, source, end);
    if (movePosition && done > 0) {
      position.set(end[0]);
    }
    written(done);
    return done;
  }

  private void written(long bytes) {
    if (bytes > 0) {
      inode.modified();
    }
  }

  private void giveBack(long taken, long reached) {
    if (taken != reached) {
      position.compareAndSet(taken, reached);
    }
  }

  @Override
  public long seek(long offset, int whence) {
    if (whence == 1) {
      return seekBy(offset);
    }
    long to =
        switch (whence) {
          case 0 -> offset;
          case 2 -> Math.addExact(data.size(), Math.min(offset, Long.MAX_VALUE - data.size()));
          case 3 -> data.seekData(offset);
          case 4 -> data.seekHole(offset);
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
  public void fsync(boolean dataOnly) {}

  @Override
  public void truncate(long size) {
    inode.truncate(size);
  }

  @Override
  public void fallocate(int mode, long offset, long length) {
    if (offset > Long.MAX_VALUE - length) {
      throw Errno.EFBIG.exception();
    }
    switch (mode) {
      case 0 -> data.allocate(offset, length, false);
      case FALLOC_FL_KEEP_SIZE -> data.allocate(offset, length, true);
      case FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE -> data.punch(offset, length);
      default -> throw Errno.EOPNOTSUPP.exception();
    }
    inode.modified();
  }

  @Override
  public Mappable mappable() {
    return data;
  }

  @Override
  public int seals() {
    return data.seals();
  }

  @Override
  public void addSeals(int seals) {
    if (!writable()) {
      throw Errno.EPERM.exception();
    }
    if ((seals & ~ALL_SEALS) != 0) {
      throw Errno.EINVAL.exception();
    }
    data.addSeals(seals);
  }

  @Override
  public void countWritableMapping(int change) {
    data.countWritableMapping(change);
  }
}
