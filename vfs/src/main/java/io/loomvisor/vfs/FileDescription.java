package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.notify.FileNotice;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An open file description (open(2), "Open file descriptions"): shared by dup, fork and SCM_RIGHTS,
 * counted by reference. A new one has one reference. No operation waits: what would block throws
 * EAGAIN whatever O_NONBLOCK says; the kernel's blocking loop waits on {@link #waitQueue}.
 */
public abstract class FileDescription {
  /** Flags that fcntl(F_SETFL) may change. */
  public static final int SETFL_MASK =
      OpenFlags.O_APPEND
          | OpenFlags.O_NONBLOCK
          | OpenFlags.O_ASYNC
          | OpenFlags.O_DIRECT
          | OpenFlags.O_NOATIME;

  private final VfsPath path;
  private final AtomicInteger references = new AtomicInteger(1);
  private final AtomicReference<ReleaseHook> hooks = new AtomicReference<>();
  private volatile int statusFlags;

  /** Its opening was told to those who watch the file; set before anybody else has it. */
  private boolean noticed;

  /**
   * @param path where it was opened; null for descriptions without a name in the tree, see {@link
   *     #displayName}
   * @param statusFlags access mode and status flags of open(2)
   */
  protected FileDescription(VfsPath path, int statusFlags) {
    KernelMemory.heap().take(KernelMemory.DESCRIPTION, Errno.ENFILE);
    this.path = path;
    if (path != null) {
      path.mount().retain();
      path.inode().countOpen(1, OpenFlags.writable(statusFlags));
    }
    this.statusFlags =
        statusFlags
            & ~(OpenFlags.O_CREAT
                | OpenFlags.O_EXCL
                | OpenFlags.O_NOCTTY
                | OpenFlags.O_TRUNC
                | OpenFlags.O_CLOEXEC);
  }

  /** Takes one more reference; false if the last one is gone already. */
  public final boolean tryRetain() {
    for (; ; ) {
      int n = references.get();
      if (n == 0) {
        return false;
      }
      if (references.compareAndSet(n, n + 1)) {
        return true;
      }
    }
  }

  /**
   * Gives one reference back; the last one closes the description. Must not be called while an
   * actor is held.
   */
  public final void release() {
    if (references.decrementAndGet() == 0) {
      if (noticed) {
        FileNotice.closed(this);
      }
      ReleaseHook first = hooks.getAndSet(ReleaseHook.CLOSED);
      for (ReleaseHook h = first; h != null; h = h.next()) {
        h.action().run();
      }
      onRelease();
      if (path != null) {
        leavePath();
        FileNotice.released(path);
      } else {
        KernelMemory.heap().give(KernelMemory.DESCRIPTION);
      }
    }
  }

  /** Has the close be told as the opening was: {@link FileNotice} only. */
  public final void markNoticed() {
    noticed = true;
  }

  /** Also for constructors that fail after this class's own. */
  protected final void leavePath() {
    path.inode().countOpen(-1, OpenFlags.writable(statusFlags));
    path.mount().release();
    KernelMemory.heap().give(KernelMemory.DESCRIPTION);
  }

  /**
   * Runs {@code action} when the last reference goes, before {@link #onRelease}: how an epoll
   * instance, which holds no reference, learns that a target is gone.
   *
   * @return false if it is closed already; the action will not run
   */
  public final boolean onLastRelease(Runnable action) {
    for (; ; ) {
      ReleaseHook first = hooks.get();
      if (first == ReleaseHook.CLOSED) {
        return false;
      }
      if (hooks.compareAndSet(first, new ReleaseHook(action, first))) {
        return true;
      }
    }
  }

  /** Withdraws an action given to {@link #onLastRelease}; by identity. */
  public final void withdrawOnLastRelease(Runnable action) {
    hooks.getAndUpdate(first -> ReleaseHook.without(first, action));
  }

  /**
   * Whether open(2) itself must still wait (FIFOs: for the other side). While it is true the
   * kernel's open waits on {@link #waitQueue} for POLLIN or POLLOUT, or gives up and releases the
   * description.
   */
  public boolean openPending() {
    return false;
  }

  /**
   * A descriptor of it is being closed in {@code process} (Linux: flush), be it the last or not.
   */
  public void flush(Object process) {}

  /** The last reference is gone. */
  protected void onRelease() {}

  /**
   * References there are at this moment: for the collector of descriptors that are reachable only
   * from one another's queues (AF_UNIX).
   */
  public final int references() {
    return references.get();
  }

  public final VfsPath path() {
    return path;
  }

  /**
   * Where the magic link /proc/PID/fd/N leads: {@link #path}, or for pipes and memory files a place
   * outside the tree that can be opened again. Null if it leads nowhere (ENXIO).
   */
  public VfsPath place() {
    return path;
  }

  /**
   * What /proc/PID/fd/N shows when {@link #path} is null, such as "pipe:[17]" or
   * "anon_inode:[eventfd]".
   */
  public String displayName() {
    return "anon_inode:[unknown]";
  }

  public final int statusFlags() {
    return statusFlags;
  }

  /** fcntl(F_SETFL): replaces the changeable flags. */
  public void setStatusFlags(int flags) {
    statusFlags = statusFlags & ~SETFL_MASK | flags & SETFL_MASK;
  }

  public final boolean readable() {
    return OpenFlags.readable(statusFlags);
  }

  public final boolean writable() {
    return OpenFlags.writable(statusFlags);
  }

  /** Attributes for fstat(2). */
  public FileStat stat() {
    return inode().stat();
  }

  /** The inode, for the calls that work on descriptors and paths alike; EBADF if there is none. */
  public Inode inode() {
    if (path == null) {
      throw Errno.EBADF.exception();
    }
    return path.inode();
  }

  public void setAttributes(SetAttributes change) {
    inode().setAttributes(change);
  }

  public FileSystemStat statfs() {
    return inode().filesystem().statfs();
  }

  /**
   * read(2) at the file position; 0 at the end. The kernel has checked that it is open for reading.
   */
  public long read(IoTarget target) {
    throw Errno.EINVAL.exception();
  }

  /** pread(2); ESPIPE if it cannot seek. */
  public long pread(IoTarget target, long offset) {
    throw Errno.ESPIPE.exception();
  }

  /**
   * write(2) at the file position, or at the end with O_APPEND. EPIPE: the kernel raises SIGPIPE.
   */
  public long write(IoSource source) {
    throw Errno.EINVAL.exception();
  }

  public long pwrite(IoSource source, long offset) {
    throw Errno.ESPIPE.exception();
  }

  /**
   * Writes at the end of the file whatever O_APPEND says (pwritev2(2), RWF_APPEND).
   *
   * @param movePosition leaves the file position behind what was written
   */
  public long append(IoSource source, boolean movePosition) {
    throw Errno.EOPNOTSUPP.exception();
  }

  /** lseek(2): the new position. SEEK_SET 0, SEEK_CUR 1, SEEK_END 2, SEEK_DATA 3, SEEK_HOLE 4. */
  public long seek(long offset, int whence) {
    throw Errno.ESPIPE.exception();
  }

  /**
   * getdents64(2): calls {@code sink} for each entry from the position on, until it returns false;
   * that one comes again.
   */
  public void readDirectory(DirectorySink sink) {
    throw Errno.ENOTDIR.exception();
  }

  /**
   * Which of the {@link PollEvents} in {@code mask} hold now; POLLERR and POLLHUP are reported
   * always.
   */
  public int readiness(int mask) {
    return PollEvents.ALWAYS_READY & mask;
  }

  /** Notified when readiness may have changed; null if it is always ready. */
  public WaitQueue waitQueue() {
    return null;
  }

  /** How long a read waits, in ns; Long.MAX_VALUE for as long as it takes (SO_RCVTIMEO). */
  public long readTimeout() {
    return Long.MAX_VALUE;
  }

  /** How long a write waits (SO_SNDTIMEO). */
  public long writeTimeout() {
    return Long.MAX_VALUE;
  }

  /** Whether EPIPE comes with SIGPIPE after {@code written} bytes of the same call. */
  public boolean raisesSigpipe(long written) {
    return true;
  }

  /** ioctl(2) beyond FIONBIO, FIOCLEX, FIONCLEX and FIOASYNC; ENOTTY if unknown. */
  public long ioctl(Caller caller, int request, long argument) {
    throw Errno.ENOTTY.exception();
  }

  public void fsync(boolean dataOnly) {
    throw Errno.EINVAL.exception();
  }

  public void truncate(long size) {
    throw Errno.EINVAL.exception();
  }

  public void fallocate(int mode, long offset, long length) {
    throw Errno.ENODEV.exception();
  }

  /** What mmap(2) maps; ENODEV if it cannot be mapped. */
  public Mappable mappable() {
    throw Errno.ENODEV.exception();
  }
}
