package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.Dentry;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoTarget;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An open {@link SyntheticDirectory}. The position is one atomic field; readers that share it share
 * it racily.
 */
final class DirectoryDescription extends FileDescription {
  private static final int DT_DIR = FileMode.direntType(FileMode.S_IFDIR);
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;

  private final SyntheticDirectory directory;
  private final AtomicLong position = new AtomicLong();

  DirectoryDescription(SyntheticDirectory directory, VfsPath path, int flags) {
    super(path, flags);
    this.directory = directory;
  }

  @Override
  public Inode inode() {
    return directory;
  }

  @Override
  public FileStat stat() {
    return directory.stat();
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
  public long seek(long offset, int whence) {
    long to =
        switch (whence) {
          case SEEK_SET -> offset;
          case SEEK_CUR -> position.get() + offset;
          default -> throw Errno.EINVAL.exception();
        };
    if (to < 0) {
      throw Errno.EINVAL.exception();
    }
    position.set(to);
    return to;
  }

  @Override
  public void readDirectory(DirectorySink sink) {
    DirectorySink counted =
        (name, ino, type, next) -> {
          boolean taken = sink.entry(name, ino, type, next);
          if (taken) {
            position.set(next);
          }
          return taken;
        };
    long at = position.get();
    if (at == 0 && !counted.entry(".", directory.ino(), DT_DIR, 1)) {
      return;
    }
    if (at <= 1 && !counted.entry("..", parentInode(), DT_DIR, SyntheticDirectory.FIRST_POSITION)) {
      return;
    }
    directory.list(Math.max(at, SyntheticDirectory.FIRST_POSITION), counted);
  }

  @Override
  public void fsync(boolean dataOnly) {}

  private long parentInode() {
    Dentry parent = path() == null ? null : path().dentry().parent();
    return parent != null && parent.inode() instanceof SyntheticInode inode
        ? inode.ino()
        : directory.ino();
  }
}
