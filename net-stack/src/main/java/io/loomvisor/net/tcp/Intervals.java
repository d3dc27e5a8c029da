package io.loomvisor.net.tcp;

import java.util.Arrays;

/**
 * A bounded set of disjoint half-open ranges of stream positions in ascending order: what has
 * arrived beyond a gap.
 */
final class Intervals {
  private static final long[] NONE = new long[0];

  private final int max;
  private long[] from = NONE;
  private long[] to = NONE;
  private int count;

  Intervals(int max) {
    this.max = max;
  }

  int count() {
    return count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  long from(int i) {
    return from[i];
  }

  long to(int i) {
    return to[i];
  }

  /** Index of the range that {@code position} is in, or -1. */
  int find(long position) {
    for (int i = 0; i < count && from[i] <= position; i++) {
      if (position < to[i]) {
        return i;
      }
    }
    return -1;
  }

  /** Adds a range, joining what it touches; false, and nothing is added, if there are too many. */
  boolean add(long start, long end) {
    int i = 0;
    while (i < count && to[i] < start) {
      i++;
    }
    if (i == count || end < from[i]) {
      if (count == max) {
        return false;
      }
      if (count == from.length) {
        int size = Math.min(max, Math.max(8, 2 * count));
        from = Arrays.copyOf(from, size);
        to = Arrays.copyOf(to, size);
      }
      System.arraycopy(from, i, from, i + 1, count - i);
      System.arraycopy(to, i, to, i + 1, count - i);
      from[i] = start;
      to[i] = end;
      count++;
      return true;
    }
    from[i] = Math.min(from[i], start);
    to[i] = Math.max(to[i], end);
    int last = i;
    while (last + 1 < count && from[last + 1] <= to[i]) {
      last++;
      to[i] = Math.max(to[i], to[last]);
    }
    removeBetween(i + 1, last + 1);
    return true;
  }

  private void removeBetween(int start, int end) {
    if (end > start) {
      System.arraycopy(from, end, from, start, count - end);
      System.arraycopy(to, end, to, start, count - end);
      count -= end - start;
    }
  }

  /** Removes the first range if {@code position} has reached it; returns the new position. */
  long advance(long position) {
    long p = position;
    int gone = 0;
    while (gone < count && from[gone] <= p) {
      p = Math.max(p, to[gone]);
      gone++;
    }
    removeBetween(0, gone);
    return p;
  }

  /** Bytes in all ranges. */
  long total() {
    long n = 0;
    for (int i = 0; i < count; i++) {
      n += to[i] - from[i];
    }
    return n;
  }

  void clear() {
    count = 0;
  }
}
