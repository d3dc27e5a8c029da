package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much all sockets of the family have queued together. Every socket has its own limit, but
 * there can be a million of them, and what is queued lies in the sentry's heap. One counter; any
 * thread.
 */
final class QueuedMemory {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  QueuedMemory(long limit) {
    this.limit = limit;
  }

  /** A quarter of the heap. */
  static QueuedMemory ofHeap() {
    return new QueuedMemory(Runtime.getRuntime().maxMemory() / 4);
  }

  /** ENOBUFS if it is too much. */
  void take(int amount) {
    if (used.addAndGet(amount) > limit) {
      used.addAndGet(-amount);
      throw Errno.ENOBUFS.exception();
    }
  }

  void give(int amount) {
    used.addAndGet(-amount);
  }
}
