package io.loomvisor.net.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071). Sums are kept in little-endian order, eight bytes at a time:
 * one's-complement addition does not care about byte order as long as the result is swapped once
 * (RFC 1071 section 2 B).
 */
public final class Checksum {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long LOW = 0xffff_ffffL;

  private Checksum() {}

  /**
   * Adds {@code length} bytes to a running sum. Every part but the last must have an even length.
   */
  public static long add(long sum, byte[] a, int offset, int length) {
    long s0 = sum;
    long s1 = 0;
    int at = offset;
    int end = offset + length;
    for (; at + 32 <= end; at += 32) {
      long w0 = (long) LONG.get(a, at);
      long w1 = (long) LONG.get(a, at + 8);
      long w2 = (long) LONG.get(a, at + 16);
      long w3 = (long) LONG.get(a, at + 24);
      s0 += (w0 & LOW) + (w0 >>> 32) + (w1 & LOW) + (w1 >>> 32);
      s1 += (w2 & LOW) + (w2 >>> 32) + (w3 & LOW) + (w3 >>> 32);
    }
    s0 += s1;
    for (; at + 4 <= end; at += 4) {
      s0 += (int) INT.get(a, at) & LOW;
    }
    if (at + 2 <= end) {
      s0 += (short) SHORT.get(a, at) & 0xffff;
      at += 2;
    }
    if (at < end) {
      s0 += a[at] & 0xff;
    }
    return s0;
  }

  /** Adds a 16-bit value as it would stand in the packet. */
  public static long add16(long sum, int value) {
    return sum + (Short.reverseBytes((short) value) & 0xffff);
  }

  /** Adds a 32-bit value as it would stand in the packet. */
  public static long add32(long sum, int value) {
    return sum + (Integer.reverseBytes(value) & LOW);
  }

  public static long add64(long sum, long value) {
    long v = Long.reverseBytes(value);
    return sum + (v & LOW) + (v >>> 32);
  }

  /** The pseudo-header of RFC 9293 section 3.1 and RFC 8200 section 8.1. */
  public static long pseudo(
      boolean v6, long srcHi, long srcLo, long dstHi, long dstLo, int protocol, int length) {
    long s =
        v6
            ? add64(add64(add64(add64(0, srcHi), srcLo), dstHi), dstLo)
            : add32(add32(0, (int) srcLo), (int) dstLo);
    return add16(add32(s, length), protocol);
  }

  public static long pseudo(IpAddress src, IpAddress dst, int protocol, int length) {
    return pseudo(src.v6(), src.hi(), src.lo(), dst.hi(), dst.lo(), protocol, length);
  }

  /** The checksum field's value for what was summed: the complement, in host order. */
  public static int finish(long sum) {
    return ~fold(sum) & 0xffff;
  }

  /** True if a sum that included the checksum field says that nothing was changed. */
  public static boolean valid(long sum) {
    return fold(sum) == 0xffff;
  }

  private static int fold(long sum) {
    long s = (sum & LOW) + (sum >>> 32);
    s = (s & LOW) + (s >>> 32);
    s = (s & 0xffff) + (s >>> 16);
    s = (s & 0xffff) + (s >>> 16);
    s = (s & 0xffff) + (s >>> 16);
    return Short.reverseBytes((short) s) & 0xffff;
  }
}
