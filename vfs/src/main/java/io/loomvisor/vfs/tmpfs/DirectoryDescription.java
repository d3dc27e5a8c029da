package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoTarget;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** An open directory; the position is the offset of the next entry. */
final class DirectoryDescription extends FileDescription {
  private static final int BATCH = 128;
  private static final int DT_DIR = 4;

  private final TmpDirectory inode;
  private final AtomicLong position = new AtomicLong();

  DirectoryDescription(TmpDirectory inode, VfsPath path, int flags) {
    super(path, flags);
    this.inode = inode;
    inode.pin();
  }

  @Override
  protected void onRelease() {
    inode.unpin();
  }

  @Override
  public TmpDirectory inode() {
    return inode;
  }

  @Override
  public long read(IoTarget target) {
    throw Errno.EISDIR.exception();
  }

  @Override
  public long pread(IoTarget target, long offset) {
    throw Errno.EISDIR.exception();
  }

  @Override
  public void readDirectory(DirectorySink sink) {
    long at = position.get();
    if (at == 0 && sink.entry(".", inode.ino(), DT_DIR, 1)) {
      at = 1;
    }
    if (at == 1 && sink.entry("..", inode.fs().call(inode::parentIno), DT_DIR, 2)) {
      at = 2;
    }
    boolean room = at >= 2;
    while (room) {
      long from = at;
      List<TmpDirectory.Entry> batch = inode.fs().call(() -> inode.listing(from, BATCH));
      room = batch.size() == BATCH;
      for (TmpDirectory.Entry e : batch) {
        int type = FileMode.direntType(e.inode().mode());
        if (!sink.entry(e.name(), e.inode().ino(), type, e.offset() + 1)) {
          room = false;
          break;
        }
        at = e.offset() + 1;
      }
    }
    position.set(at);
    inode.accessed(path() == null ? null : path().mount(), statusFlags());
  }

  @Override
  public long seek(long offset, int whence) {
    long to =
        switch (whence) {
          case 0 -> offset;
          case 1 -> position.get() + offset;
          default -> throw Errno.EINVAL.exception();
        };
    if (to < 0) {
      throw Errno.EINVAL.exception();
    }
    position.set(to);
    return to;
  }

  @Override
  public void fsync(boolean dataOnly) {}
}
