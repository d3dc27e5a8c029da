package io.loomvisor.vfs.synthetic;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An open {@link GeneratedFile}. The snapshot is immutable bytes behind a volatile field; the
 * position is one atomic field, moved only if nobody else has moved it meanwhile.
 */
final class GeneratedDescription extends FileDescription {
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_END = 2;

  private final GeneratedFile file;
  private final Opener opener;
  private final AtomicLong position = new AtomicLong();

  /** Published to whoever reads the description next. */
  private volatile byte[] snapshot;

  GeneratedDescription(GeneratedFile file, VfsPath path, int flags, Opener opener) {
    super(path, flags);
    this.file = file;
    this.opener = opener;
  }

  @Override
  public Inode inode() {
    return file;
  }

  @Override
  public FileStat stat() {
    return file.stat();
  }

  @Override
  public long read(IoTarget target) {
    long from = position.get();
    long n = pread(target, from);
    position.compareAndSet(from, from + n);
    return n;
  }

  @Override
  public long pread(IoTarget target, long offset) {
    if (offset < 0) {
      throw Errno.EINVAL.exception();
    }
    byte[] bytes = snapshot;
    if (offset == 0 || bytes == null) {
      bytes = file.contents(opener);
      snapshot = bytes;
    }
    if (offset >= bytes.length || target.remaining() == 0) {
      return 0;
    }
    return target.put(
        MemorySegment.ofArray(bytes), offset, Math.min(bytes.length - offset, target.remaining()));
  }

  @Override
  public long write(IoSource source) {
    long from = position.get();
    long n = pwrite(source, from);
    position.compareAndSet(from, from + n);
    return n;
  }

  @Override
  public long pwrite(IoSource source, long offset) {
    if (offset < 0) {
      throw Errno.EINVAL.exception();
    }
    byte[] data = new byte[(int) Math.min(source.remaining(), GeneratedFile.MAX_WRITE)];
    MemorySegment segment = MemorySegment.ofArray(data);
    int got = 0;
    while (got < data.length) {
      got += (int) source.get(segment, got, data.length - got);
    }
    return file.store(opener, data, offset);
  }

  @Override
  public long seek(long offset, int whence) {
    long base =
        switch (whence) {
          case SEEK_SET -> 0;
          case SEEK_CUR -> position.get();
          case SEEK_END -> file.stat().size();
          default -> throw Errno.EINVAL.exception();
        };
    long to = base + offset;
    if (to < 0) {
      throw Errno.EINVAL.exception();
    }
    position.set(to);
    return to;
  }

  @Override
  public void truncate(long size) {}
}
