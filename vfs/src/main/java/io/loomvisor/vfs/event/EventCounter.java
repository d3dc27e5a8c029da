package io.loomvisor.vfs.event;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/** eventfd(2): an unsigned 64-bit counter of at most 2^64 - 2. One word, changed atomically. */
public final class EventCounter extends AnonymousDescription {
  private static final int READABLE = PollEvents.POLLIN;
  private static final int WRITABLE = PollEvents.POLLOUT;
  private static final long FULL = -2L;
  private static final long OVERFLOWED = -1L;

  private final AtomicLong count;
  private final boolean semaphore;

  public EventCounter(int initial, boolean semaphore, int flags) {
    super("[eventfd]", OpenFlags.O_RDWR | flags);
    this.count = new AtomicLong(Integer.toUnsignedLong(initial));
    this.semaphore = semaphore;
  }

  /** Takes the count, or one of it; EAGAIN if it is 0. */
  @Override
  public long read(IoTarget target) {
    if (target.remaining() < Long.BYTES) {
      throw Errno.EINVAL.exception();
    }
    // As on Linux, the count is gone even if it then cannot be stored.
    long taken = take();
    MemorySegment value = MemorySegment.ofArray(new byte[Long.BYTES]);
    value.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, taken);
    long n = target.put(value, 0, Long.BYTES);
    if (n < Long.BYTES) {
      throw Errno.EFAULT.exception();
    }
    return n;
  }

  private long take() {
    for (; ; ) {
      long now = count.get();
      if (now == 0) {
        throw Errno.EAGAIN.exception();
      }
      long taken = semaphore ? 1 : now;
      if (count.compareAndSet(now, now - taken)) {
        waitQueue().notifyEvents(WRITABLE);
        return taken;
      }
    }
  }

  /** Adds; EAGAIN if the sum would pass the maximum, EINVAL for 2^64 - 1. */
  @Override
  public long write(IoSource source) {
    if (source.remaining() != Long.BYTES) {
      throw Errno.EINVAL.exception();
    }
    MemorySegment value = MemorySegment.ofArray(new byte[Long.BYTES]);
    if (source.get(value, 0, Long.BYTES) < Long.BYTES) {
      throw Errno.EFAULT.exception();
    }
    long more = value.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    if (more == OVERFLOWED) {
      throw Errno.EINVAL.exception();
    }
    if (!add(more)) {
      source.back(Long.BYTES);
      throw Errno.EAGAIN.exception();
    }
    return Long.BYTES;
  }

  private boolean add(long more) {
    for (; ; ) {
      long now = count.get();
      if (Long.compareUnsigned(FULL - now, more) < 0) {
        return false;
      }
      if (count.compareAndSet(now, now + more)) {
        waitQueue().notifyEvents(READABLE);
        return true;
      }
    }
  }

  @Override
  public int readiness(int mask) {
    long now = count.get();
    return ((now != 0 ? READABLE : 0) | (now != FULL ? WRITABLE : 0)) & mask;
  }
}
