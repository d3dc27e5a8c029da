package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.io.IoTarget;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An open directory: it cannot be read as a file (EISDIR), and its position is what the file system
 * makes of it; 0 is the beginning everywhere. Readers that share a description share its position
 * racily.
 */
public abstract class DirectoryDescription extends FileDescription {
  /** The type that getdents64(2) gives for "." and "..". */
  protected static final int DT_DIR = FileMode.direntType(FileMode.S_IFDIR);

  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;

  private final AtomicLong position = new AtomicLong();

  protected DirectoryDescription(VfsPath path, int flags) {
    super(path, flags);
  }

  protected final long position() {
    return position.get();
  }

  protected final void setPosition(long to) {
    position.set(to);
  }

  @Override
  public final long read(IoTarget target) {
    throw Errno.EISDIR.exception();
  }

  @Override
  public final long pread(IoTarget target, long offset) {
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
  public void fsync(boolean dataOnly) {}
}
