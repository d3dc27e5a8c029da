package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import java.util.concurrent.atomic.AtomicLong;

/** How many pages the files of one tmpfs may have (mount option size=). Any thread. */
final class PageBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  PageBudget(long limit) {
    this.limit = limit;
  }

  long limit() {
    return limit;
  }

  long used() {
    return used.get();
  }

  /** Takes one page; ENOSPC. */
  void take() {
    if (used.incrementAndGet() > limit) {
      used.decrementAndGet();
      throw Errno.ENOSPC.exception();
    }
  }

  /** ENOSPC if {@code count} more are too many for sure. */
  void check(long count) {
    if (count > limit - used.get()) {
      throw Errno.ENOSPC.exception();
    }
  }

  void give(long count) {
    used.addAndGet(-count);
  }
}
