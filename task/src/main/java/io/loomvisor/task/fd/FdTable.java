package io.loomvisor.task.fd;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.KernelMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The open file descriptors of a process, or of several that share them (CLONE_FILES). Owns one
 * reference to the description behind each number; references are given back after the actor is
 * left, as closing may take time.
 */
public final class FdTable extends Actor {
  /** Upper bound of RLIMIT_NOFILE here (fs.nr_open). */
  public static final int NR_OPEN = 1 << 20;

  /** One descriptor of a snapshot. */
  public record Descriptor(int number, FileDescription description, boolean closeOnExec) {}

  /** Numbers that any table has; for more it takes from {@link KernelMemory}. */
  private static final int FEWEST = 64;

  private static final long BYTES_PER_NUMBER = 8;

  private FileDescription[] open = new FileDescription[FEWEST];
  private final BitSet closeOnExec = new BitSet();
  private int lowestFree;
  private int users = 1;

  public FdTable() {
    super(Rank.FD_TABLE);
  }

  /** One more task uses this table. */
  public FdTable share() {
    ask(() -> users++);
    return this;
  }

  /** One task less; the last one closes everything. */
  public void unshare() {
    release(
        ask(
            () -> {
              if (--users > 0) {
                return List.of();
              }
              List<FileDescription> all = new ArrayList<>();
              for (FileDescription d : open) {
                if (d != null) {
                  all.add(d);
                }
              }
              KernelMemory.heap().give(BYTES_PER_NUMBER * (open.length - FEWEST));
              open = new FileDescription[FEWEST];
              closeOnExec.clear();
              lowestFree = 0;
              return all;
            }));
  }

  /** A copy with references of its own (fork); ENOMEM. */
  public FdTable copy() {
    FdTable copy = new FdTable();
    ask(
        () -> {
          KernelMemory.heap().take(BYTES_PER_NUMBER * (open.length - FEWEST), Errno.ENOMEM);
          copy.open = open.clone();
          copy.closeOnExec.or(closeOnExec);
          copy.lowestFree = lowestFree;
          for (FileDescription d : open) {
            if (d != null && !d.tryRetain()) {
              throw new IllegalStateException("a table entry lost its reference");
            }
          }
        });
    return copy;
  }

  /** Whether more than one task uses this table. */
  public boolean shared() {
    return ask(() -> users > 1);
  }

  /** The description behind {@code fd}, with a reference for the caller to release; EBADF. */
  public FileDescription get(int fd) {
    return ask(
        () -> {
          FileDescription d = at(fd);
          if (d == null || !d.tryRetain()) {
            throw Errno.EBADF.exception();
          }
          return d;
        });
  }

  /**
   * Enters {@code description} at the lowest free number from {@code minimum} on, below {@code
   * limit} (RLIMIT_NOFILE); EMFILE. Takes the caller's reference over; on failure the caller keeps
   * it.
   */
  public int install(FileDescription description, int minimum, int limit, boolean cloexec) {
    return ask(
        () -> {
          int fd = Math.max(minimum, lowestFree);
          while (fd < open.length && open[fd] != null) {
            fd++;
          }
          if (fd >= Math.min(limit, NR_OPEN)) {
            throw Errno.EMFILE.exception();
          }
          put(fd, description, cloexec);
          if (minimum <= lowestFree) {
            lowestFree = fd + 1;
          }
          return fd;
        });
  }

  /** EMFILE if no number below {@code limit} is free now. */
  public void requireFree(int limit) {
    ask(
        () -> {
          int fd = lowestFree;
          while (fd < open.length && open[fd] != null) {
            fd++;
          }
          if (fd >= Math.min(limit, NR_OPEN)) {
            throw Errno.EMFILE.exception();
          }
          lowestFree = fd;
        });
  }

  /**
   * Puts {@code description} at exactly {@code fd} (dup2); what was there is closed. Takes the
   * caller's reference over; EBADF if {@code fd} is not below {@code limit}, and then the caller
   * keeps it.
   */
  public void installAt(int fd, FileDescription description, int limit, boolean cloexec) {
    FileDescription old =
        ask(
            () -> {
              if (fd < 0 || fd >= Math.min(limit, NR_OPEN)) {
                throw Errno.EBADF.exception();
              }
              FileDescription before = at(fd);
              put(fd, description, cloexec);
              return before;
            });
    if (old != null) {
      old.release();
    }
  }

  /** Closes {@code fd}; EBADF. */
  public void close(int fd) {
    FileDescription d = remove(fd);
    if (d == null) {
      throw Errno.EBADF.exception();
    }
    d.release();
  }

  /** Takes {@code fd} out and hands its reference to the caller; null if it was not open. */
  public FileDescription remove(int fd) {
    return ask(
        () -> {
          FileDescription d = at(fd);
          if (d != null) {
            clear(fd);
          }
          return d;
        });
  }

  /** close_range(2): closes first to last, both included, or marks them close-on-exec. */
  public void closeRange(int first, int last, boolean onlyMark) {
    release(
        ask(
            () -> {
              List<FileDescription> closed = new ArrayList<>();
              for (int fd = first; fd <= Math.min(last, open.length - 1); fd++) {
                if (open[fd] != null && onlyMark) {
                  closeOnExec.set(fd);
                } else if (open[fd] != null) {
                  closed.add(open[fd]);
                  clear(fd);
                }
              }
              return closed;
            }));
  }

  /** execve(2): closes what is marked close-on-exec. */
  public void closeOnExec() {
    release(
        ask(
            () -> {
              List<FileDescription> closed = new ArrayList<>();
              for (int fd = closeOnExec.nextSetBit(0);
                  fd >= 0;
                  fd = closeOnExec.nextSetBit(fd + 1)) {
                closed.add(open[fd]);
                clear(fd);
              }
              return closed;
            }));
  }

  /** FD_CLOEXEC of {@code fd}; EBADF. */
  public boolean isCloseOnExec(int fd) {
    return ask(
        () -> {
          require(fd);
          return closeOnExec.get(fd);
        });
  }

  public void setCloseOnExec(int fd, boolean on) {
    ask(
        () -> {
          require(fd);
          closeOnExec.set(fd, on);
        });
  }

  /** Everything open, by number, without references: for /proc. */
  public List<Descriptor> snapshot() {
    return ask(
        () -> {
          List<Descriptor> all = new ArrayList<>();
          for (int fd = 0; fd < open.length; fd++) {
            if (open[fd] != null) {
              all.add(new Descriptor(fd, open[fd], closeOnExec.get(fd)));
            }
          }
          return all;
        });
  }

  /** Size of the table as FDSize of /proc/PID/status. */
  public int capacity() {
    return ask(() -> open.length);
  }

  private FileDescription at(int fd) {
    return fd >= 0 && fd < open.length ? open[fd] : null;
  }

  private void require(int fd) {
    if (at(fd) == null) {
      throw Errno.EBADF.exception();
    }
  }

  private void put(int fd, FileDescription description, boolean cloexec) {
    if (fd >= open.length) {
      int length = Integer.highestOneBit(fd) << 1;
      KernelMemory.heap().take(BYTES_PER_NUMBER * (length - open.length), Errno.EMFILE);
      open = Arrays.copyOf(open, length);
    }
    open[fd] = description;
    closeOnExec.set(fd, cloexec);
  }

  private void clear(int fd) {
    open[fd] = null;
    closeOnExec.clear(fd);
    lowestFree = Math.min(lowestFree, fd);
  }

  private static void release(List<FileDescription> descriptions) {
    for (FileDescription d : descriptions) {
      d.release();
    }
  }
}
