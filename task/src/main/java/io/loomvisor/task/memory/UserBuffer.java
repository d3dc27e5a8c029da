package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Buffers of the application, one after the other, as source or target of IO. Used by one thread.
 */
final class UserBuffer implements IoTarget {
  /** UIO_MAXIOV of readv(2). */
  static final int IOV_MAX = 1024;

  /** What one read(2) or write(2) transfers at most (Linux: MAX_RW_COUNT). */
  static final long MAX_RW_COUNT = 0x7fff_f000L;

  private static final int IOVEC_SIZE = 16;

  private final UserMemory memory;
  private final long[] addresses;
  private final long[] lengths;
  private long remaining;
  private int segment;
  private long position;

  private UserBuffer(UserMemory memory, long[] addresses, long[] lengths, long remaining) {
    this.memory = memory;
    this.addresses = addresses;
    this.lengths = lengths;
    this.remaining = remaining;
  }

  static UserBuffer of(UserMemory memory, long address, long length) {
    check(address, length);
    long size = Math.min(length, MAX_RW_COUNT);
    return new UserBuffer(memory, new long[] {address}, new long[] {size}, size);
  }

  /** access_ok: the range lies in user space. */
  private static void check(long address, long length) {
    if (address < 0
        || address > Platform.MAX_USER_ADDRESS
        || length < 0
        || length > Platform.MAX_USER_ADDRESS - address) {
      throw Errno.EFAULT.exception();
    }
  }

  /** Copies the iovec array in once and checks it (Linux: import_iovec). */
  static UserBuffer ofVector(UserMemory memory, long iovec, int count) {
    if (count < 0 || count > IOV_MAX) {
      throw Errno.EINVAL.exception();
    }
    byte[] raw = new byte[count * IOVEC_SIZE];
    memory.copyIn(iovec, MemorySegment.ofArray(raw));
    MemorySegment entries = MemorySegment.ofArray(raw);
    long[] addresses = new long[count];
    long[] lengths = new long[count];
    long total = 0;
    for (int i = 0; i < count; i++) {
      addresses[i] = entries.get(ValueLayout.JAVA_LONG_UNALIGNED, i * IOVEC_SIZE);
      long length = entries.get(ValueLayout.JAVA_LONG_UNALIGNED, i * IOVEC_SIZE + 8);
      if (length < 0) {
        throw Errno.EINVAL.exception();
      }
      lengths[i] = length;
    }
    for (int i = 0; i < count; i++) {
      check(addresses[i], lengths[i]);
      lengths[i] = Math.min(lengths[i], MAX_RW_COUNT - total);
      total += lengths[i];
    }
    return new UserBuffer(memory, addresses, lengths, total);
  }

  @Override
  public long remaining() {
    return remaining;
  }

  @Override
  public long prepare(long max) {
    return faultIn(max, true);
  }

  /**
   * Makes the next bytes readable, as {@link IoSource#prepare} promises; a target's prepare makes
   * them writable.
   */
  private long faultIn(long max, boolean write) {
    long wanted = Math.min(max, remaining);
    long done = 0;
    for (int i = segment; done < wanted; i++) {
      long from = i == segment ? position : 0;
      long n = Math.min(wanted - done, lengths[i] - from);
      long ok = memory.faultIn(addresses[i] + from, n, write);
      done += ok;
      if (ok < n) {
        break;
      }
    }
    if (done == 0 && wanted > 0) {
      throw Errno.EFAULT.exception();
    }
    return done;
  }

  /** The same buffers, to be read from. */
  IoSource asSource() {
    return new Reader(this);
  }

  @Override
  public long put(MemorySegment source, long offset, long length) {
    return transfer(Transfer.OUT, source, offset, length);
  }

  @Override
  public long putZeros(long length) {
    return transfer(Transfer.ZERO, null, 0, length);
  }

  private long get(MemorySegment target, long offset, long length) {
    return transfer(Transfer.IN, target, offset, length);
  }

  private enum Transfer {
    IN,
    OUT,
    ZERO
  }

  private long transfer(Transfer kind, MemorySegment other, long offset, long length) {
    long wanted = Math.min(length, remaining);
    long done = 0;
    while (done < wanted) {
      if (position == lengths[segment]) {
        segment++;
        position = 0;
        continue;
      }
      long n = Math.min(wanted - done, lengths[segment] - position);
      long at = addresses[segment] + position;
      long moved =
          switch (kind) {
            case IN -> memory.copyInPartial(at, other, offset + done, n);
            case OUT -> memory.copyOutPartial(at, other, offset + done, n);
            case ZERO -> memory.zeroPartial(at, n);
          };
      position += moved;
      remaining -= moved;
      done += moved;
      if (moved < n) {
        break;
      }
    }
    if (done == 0 && wanted > 0) {
      throw Errno.EFAULT.exception();
    }
    return done;
  }

  private void back(long length) {
    remaining += length;
    long left = length;
    while (left > position) {
      left -= position;
      segment--;
      position = lengths[segment];
    }
    position -= left;
  }

  /** A source has another {@code prepare} than a target. */
  private record Reader(UserBuffer buffer) implements IoSource {
    @Override
    public long remaining() {
      return buffer.remaining;
    }

    @Override
    public long prepare(long max) {
      return buffer.faultIn(max, false);
    }

    @Override
    public long get(MemorySegment target, long offset, long length) {
      return buffer.get(target, offset, length);
    }

    @Override
    public void back(long length) {
      buffer.back(length);
    }
  }
}
