package io.loomvisor.net.tcp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Bytes of a stream between two positions, in a circular array that grows as needed. Positions are
 * unwrapped sequence numbers. The owner bounds the span.
 */
final class ByteRing {
  private static final byte[] NONE = new byte[0];

  /** Small: most connections are idle, and their rings are kept. */
  private static final int FIRST_SIZE = 512;

  /** An array larger than this is given back when the ring runs empty and was little used. */
  private static final int KEEP = 1 << 16;

  private static final int USES_BEFORE_SHRINK = 64;

  private byte[] array = NONE;
  private long base;
  private int peak;
  private int empties;

  /** Position of the first byte kept. */
  long base() {
    return base;
  }

  /** Starts anew, empty, at {@code position}. */
  void start(long position) {
    base = position;
  }

  int capacity() {
    return array.length;
  }

  /** Makes room for bytes up to {@code end}; bytes between base and {@code used} are kept. */
  void ensure(long end, long used) {
    long span = end - base;
    peak = (int) Math.max(peak, span);
    if (span <= array.length) {
      return;
    }
    if (span > 1 << 30) {
      throw new IllegalArgumentException("ring of " + span + " bytes");
    }
    int size = Math.max(FIRST_SIZE, Integer.highestOneBit((int) span - 1) << 1);
    byte[] next = new byte[size];
    for (long at = base; at < used; ) {
      int from = (int) at & array.length - 1;
      int to = (int) at & size - 1;
      int n = (int) Math.min(used - at, Math.min(array.length - from, size - to));
      System.arraycopy(array, from, next, to, n);
      at += n;
    }
    array = next;
  }

  void put(long at, byte[] src, int offset, int n) {
    int to = (int) at & array.length - 1;
    int first = Math.min(n, array.length - to);
    System.arraycopy(src, offset, array, to, first);
    System.arraycopy(src, offset + first, array, 0, n - first);
  }

  void put(long at, MemorySegment src, long offset, int n) {
    int to = (int) at & array.length - 1;
    int first = Math.min(n, array.length - to);
    MemorySegment.copy(src, ValueLayout.JAVA_BYTE, offset, array, to, first);
    MemorySegment.copy(src, ValueLayout.JAVA_BYTE, offset + first, array, 0, n - first);
  }

  void get(long at, byte[] dst, int offset, int n) {
    int from = (int) at & array.length - 1;
    int first = Math.min(n, array.length - from);
    System.arraycopy(array, from, dst, offset, first);
    System.arraycopy(array, 0, dst, offset + first, n - first);
  }

  void get(long at, MemorySegment dst, long offset, int n) {
    int from = (int) at & array.length - 1;
    int first = Math.min(n, array.length - from);
    MemorySegment.copy(array, from, dst, ValueLayout.JAVA_BYTE, offset, first);
    MemorySegment.copy(array, 0, dst, ValueLayout.JAVA_BYTE, offset + first, n - first);
  }

  byte get(long at) {
    return array[(int) at & array.length - 1];
  }

  /** Forgets what is before {@code position}; {@code empty}: and nothing is behind it. */
  void discard(long position, boolean empty) {
    base = position;
    if (empty && array.length > KEEP && ++empties >= USES_BEFORE_SHRINK) {
      if (peak < array.length / 4) {
        array = NONE;
      }
      empties = 0;
      peak = 0;
    }
  }

  /** Gives the memory back; nothing can be put any more before {@link #ensure}. */
  void free() {
    array = NONE;
  }
}
