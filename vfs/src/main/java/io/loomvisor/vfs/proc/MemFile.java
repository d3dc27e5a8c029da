package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.synthetic.SyntheticInode;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * /proc/PID/mem: the address space as a file. Opening it needs the right to trace; offsets are
 * addresses.
 */
final class MemFile extends SyntheticInode {
  private static final int INDEX = 3005;
  private static final int CHUNK = 4096;

  private final TaskScope scope;

  MemFile(TaskScope scope) {
    super(scope.filesystem(), scope.inode(TaskScope.FILE, INDEX), FileMode.S_IFREG | 0600);
    this.scope = scope;
  }

  @Override
  public int uid() {
    return scope.owner(false).euid();
  }

  @Override
  public int gid() {
    return scope.owner(false).egid();
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    scope.checkInspect(caller);
    return new Description(path, flags);
  }

  /** The position is one atomic field; any bits are an address. */
  private final class Description extends FileDescription {
    private final AtomicLong position = new AtomicLong();

    Description(VfsPath path, int flags) {
      super(path, flags);
    }

    @Override
    public Inode inode() {
      return MemFile.this;
    }

    @Override
    public FileStat stat() {
      return MemFile.this.stat();
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
      MemorySegment chunk = MemorySegment.ofArray(new byte[CHUNK]);
      long done = 0;
      while (target.remaining() > 0) {
        long want = Math.min(CHUNK, target.remaining());
        long got =
            done == 0
                ? first(offset, chunk.asSlice(0, want))
                : more(offset + done, chunk.asSlice(0, want));
        if (got == 0) {
          break;
        }
        long put = target.put(chunk, 0, got);
        done += put;
        if (put < want) {
          break;
        }
      }
      return done;
    }

    private long first(long address, MemorySegment into) {
      return scope.view().readMemory(address, into);
    }

    /** What ends a read that has got something already is no error. */
    private long more(long address, MemorySegment into) {
      try {
        return scope.view().readMemory(address, into);
      } catch (io.loomvisor.gofer.abi.LinuxException _) {
        return 0;
      }
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
      MemorySegment chunk = MemorySegment.ofArray(new byte[CHUNK]);
      long want = Math.min(CHUNK, source.remaining());
      return want == 0
          ? 0
          : scope.view().writeMemory(offset, chunk.asSlice(0, source.get(chunk, 0, want)));
    }

    @Override
    public long seek(long offset, int whence) {
      long to =
          switch (whence) {
            case 0 -> offset;
            case 1 -> position.get() + offset;
            default -> throw Errno.EINVAL.exception();
          };
      position.set(to);
      return to;
    }
  }
}
