package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.Errno;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the sentry's heap is taken by what applications make and only they can give back:
 * files in memory, open descriptions, watches, mounts, semaphores (Linux: the kernel memory that
 * memory.max of a cgroup counts). Beyond the limit the maker gets an error. Each kind has limits of
 * its own too, as on Linux; those are there for other reasons and bound no heap, or one user's part
 * of it only.
 *
 * <p>Amounts are what the objects have been seen to take, roughly. One counter; any thread.
 */
public final class KernelMemory {
  /** An open description, with the fid or the pipe or the socket behind it. */
  public static final int DESCRIPTION = 1024;

  /** A file in memory with its first name and its node in an overlay. */
  public static final int INODE = 768;

  /** A further name. */
  public static final int NAME = 256;

  /** What an epoll instance or an inotify instance keeps of one file. */
  public static final int WATCH = 512;

  /** A mount. */
  public static final int MOUNT = 1024;

  /** Eighths of the heap. */
  private static final int SHARE = 3;

  private static final KernelMemory HEAP =
      new KernelMemory(
          null,
          Long.getLong("loomvisor.kernel.memory", Runtime.getRuntime().maxMemory() / 8 * SHARE));

  /** The part of it that is kept back: one of so many. */
  private static final int RESERVE = 4;

  private static final KernelMemory UNRESERVED =
      new KernelMemory(HEAP, HEAP.limit - HEAP.limit / RESERVE);

  private final KernelMemory whole;
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  KernelMemory(KernelMemory whole, long limit) {
    this.whole = whole;
    this.limit = limit;
  }

  /** All of it: for what every process needs to run, descriptions, their numbers and mappings. */
  public static KernelMemory heap() {
    return HEAP;
  }

  /** What is there for everything else. */
  public static KernelMemory unreserved() {
    return UNRESERVED;
  }

  /** A part with an account of its own, which {@link #giveAll} closes. */
  public KernelMemory part() {
    return new KernelMemory(this, Long.MAX_VALUE);
  }

  /** Takes {@code bytes}; {@code otherwise} if there are no more. */
  public void take(long bytes, Errno otherwise) {
    if (!tryTake(bytes)) {
      throw otherwise.exception();
    }
  }

  /** As {@link #take}; false if there are no more. */
  public boolean tryTake(long bytes) {
    if (whole != null && !whole.tryTake(bytes)) {
      return false;
    }
    if (used.addAndGet(bytes) <= limit) {
      return true;
    }
    used.addAndGet(-bytes);
    if (whole != null) {
      whole.give(bytes);
    }
    return false;
  }

  /** Gives back what was taken; of a part that was closed, nothing. */
  public void give(long bytes) {
    long before = used.getAndUpdate(now -> Math.max(0, now - bytes));
    if (whole != null) {
      whole.give(Math.min(before, bytes));
    }
  }

  /** Gives back all that is still taken. */
  public void giveAll() {
    long left = used.getAndSet(0);
    if (whole != null) {
      whole.give(left);
    }
  }

  public long used() {
    return used.get();
  }
}
