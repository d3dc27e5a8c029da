package io.loomvisor.kernel.time;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.memory.UserMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct timespec and struct timeval in application memory, as nanoseconds in the kernel. Both are
 * two 64-bit words:
 *
 * <pre>
 *   0         8
 *   | tv_sec  | tv_nsec or tv_usec |
 * </pre>
 */
public final class TimeSpec {
  public static final int SIZE = 16;
  public static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Seconds from here on are forever: KTIME_SEC_MAX. */
  private static final long SECONDS_MAX = Long.MAX_VALUE / NANOS_PER_SECOND;

  private TimeSpec() {}

  /**
   * The timespec at {@code address}; EFAULT, EINVAL if negative or not normal. Too long ones are
   * Long.MAX_VALUE.
   */
  public static long readTimespec(UserMemory memory, long address) {
    ByteBuffer b = read(memory, address);
    return nanos(b.getLong(0), b.getLong(8));
  }

  /** The timeval at {@code address}; as {@link #readTimespec}. */
  public static long readTimeval(UserMemory memory, long address) {
    ByteBuffer b = read(memory, address);
    long micros = b.getLong(8);
    if (micros < 0 || micros >= 1_000_000) {
      throw Errno.EINVAL.exception();
    }
    return nanos(b.getLong(0), micros * 1000);
  }

  private static ByteBuffer read(UserMemory memory, long address) {
    return ByteBuffer.wrap(memory.copyIn(address, SIZE)).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** One duration or time from its parts; EINVAL, saturating. */
  public static long nanos(long seconds, long nanos) {
    if (seconds < 0 || nanos < 0 || nanos >= NANOS_PER_SECOND) {
      throw Errno.EINVAL.exception();
    }
    return seconds >= SECONDS_MAX ? Long.MAX_VALUE : seconds * NANOS_PER_SECOND + nanos;
  }

  public static void writeTimespec(UserMemory memory, long address, long nanos) {
    memory.copyOut(address, pair(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND));
  }

  public static void writeTimeval(UserMemory memory, long address, long nanos) {
    memory.copyOut(address, pair(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND / 1000));
  }

  private static byte[] pair(long first, long second) {
    return ByteBuffer.allocate(SIZE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(first)
        .putLong(second)
        .array();
  }

  /** {@code now + delta} without overflow; Long.MAX_VALUE is forever. */
  public static long deadline(long now, long delta) {
    return delta >= Long.MAX_VALUE - Math.max(now, 0) ? Long.MAX_VALUE : now + delta;
  }
}
