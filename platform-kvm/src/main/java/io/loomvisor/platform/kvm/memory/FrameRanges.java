package io.loomvisor.platform.kvm.memory;

import java.util.Arrays;

/** Frames whose translations are stale, as ranges. Owned by one address space. */
final class FrameRanges {
  /** Consumer of one range. */
  @FunctionalInterface
  interface Visitor {
    void range(long first, long count);
  }

  /**
   * More ranges than this are merged over growing gaps: zapping a frame too many costs one refault,
   * a call 2 µs.
   */
  private static final int MOST = 64;

  /**
   * Each range is first << 20 | count - 1, so that sorting sorts by first frame; at most 2^20
   * frames.
   */
  private static final int COUNT_BITS = 20;

  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

  private long[] ranges = new long[8];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** Adds {@code added} frames from {@code frame}, fewer than 2^20. */
  void add(long frame, int added) {
    if (size > 0) {
      long last = ranges[size - 1];
      long first = last >>> COUNT_BITS;
      long count = (last & COUNT_MASK) + 1;
      if (frame >= first && frame + added <= first + count) {
        return;
      }
      if (frame == first + count && count + added <= COUNT_MASK) {
        ranges[size - 1] = last + added;
        return;
      }
      if (frame == first - added && count + added <= COUNT_MASK) {
        ranges[size - 1] = frame << COUNT_BITS | count + added - 1;
        return;
      }
    }
    if (size == ranges.length) {
      ranges = Arrays.copyOf(ranges, size * 2);
    }
    ranges[size++] = frame << COUNT_BITS | added - 1;
  }

  /** Hands out the ranges, merged and in order, and forgets them. */
  void drain(Visitor visitor) {
    Arrays.sort(ranges, 0, size);
    long gap = 0;
    do {
      merge(gap);
      gap = gap * 2 + 1;
    } while (size > MOST);
    for (int i = 0; i < size; i++) {
      visitor.range(ranges[i] >>> COUNT_BITS, (ranges[i] & COUNT_MASK) + 1);
    }
    size = 0;
  }

  private void merge(long gap) {
    int out = 0;
    for (int i = 1; i < size; i++) {
      long a = ranges[out];
      long b = ranges[i];
      long start = a >>> COUNT_BITS;
      long endA = start + (a & COUNT_MASK) + 1;
      long endB = (b >>> COUNT_BITS) + (b & COUNT_MASK) + 1;
      long end = Math.max(endA, endB);
      if (b >>> COUNT_BITS <= endA + gap && end - start <= COUNT_MASK + 1) {
        ranges[out] = start << COUNT_BITS | end - start - 1;
      } else {
        ranges[++out] = b;
      }
    }
    size = Math.min(size, out + 1);
  }
}
