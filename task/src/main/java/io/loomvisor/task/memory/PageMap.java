package io.loomvisor.task.memory;

import java.util.Arrays;

/**
 * A sparse map from page numbers (36 bits) to longs other than 0: a radix tree with 64 children per
 * node, whose leaves hold 64 pages. A small process needs a few KiB. One owner; no synchronisation.
 */
final class PageMap {
  private static final int BITS = 6;
  private static final int FAN = 1 << BITS;
  private static final int MASK = FAN - 1;
  private static final int TOP_SHIFT = 30;
  static final long LIMIT = 1L << 36;

  private Object[] root = new Object[FAN];
  private long size;

  /** The leaf used last; {@code lastIndex} is its first page >> 6, -1 for none. */
  private long lastIndex = -1;

  private long[] lastLeaf;

  /** Pages present. */
  long size() {
    return size;
  }

  /**
   * Some pages of one leaf, for work on many: a method of its own is compiled soon, and the tree is
   * walked once for 64 pages.
   */
  interface LeafVisitor {
    /**
     * @param first the page of {@code entries[0]}
     * @param entries values may be changed, but none from 0 or to 0
     * @param from the first index asked for
     * @param to the one behind the last
     */
    void visit(long first, long[] entries, int from, int to);
  }

  /** Visits all leaves with pages of [page, end) in order; some of these pages may be absent. */
  void visit(long page, long end, LeafVisitor visitor) {
    for (long p = next(page, end); p < end; ) {
      long first = p & ~(long) MASK;
      visitor.visit(first, lastLeaf, (int) (p - first), (int) Math.min(FAN, end - first));
      p = next(first + FAN, end);
    }
  }

  /** The value of {@code page}, 0 if there is none. */
  long get(long page) {
    long[] leaf = leaf(page);
    return leaf == null ? 0 : leaf[(int) page & MASK];
  }

  /** Sets the value of {@code page}, which is not 0; returns the one before. */
  long set(long page, long value) {
    long[] leaf = leaf(page);
    if (leaf == null) {
      leaf = addLeaf(page);
    }
    int i = (int) page & MASK;
    long old = leaf[i];
    leaf[i] = value;
    if (old == 0) {
      leaf[FAN]++;
      size++;
    }
    return old;
  }

  /** Takes {@code page} out; returns its value. */
  long clear(long page) {
    long[] leaf = leaf(page);
    if (leaf == null) {
      return 0;
    }
    int i = (int) page & MASK;
    long old = leaf[i];
    if (old != 0) {
      leaf[i] = 0;
      size--;
      if (--leaf[FAN] == 0) {
        dropLeaf(page);
      }
    }
    return old;
  }

  /** The first page with a value in [page, end); {@code end} if there is none. */
  long next(long page, long end) {
    long p = page;
    while (p < end) {
      Object[] node = root;
      for (int shift = TOP_SHIFT; ; shift -= BITS) {
        Object child = node[(int) (p >>> shift) & MASK];
        if (child == null) {
          p = (p >>> shift) + 1 << shift;
          break;
        }
        if (shift == BITS) {
          long[] leaf = (long[]) child;
          lastIndex = p >>> BITS;
          lastLeaf = leaf;
          for (int i = (int) p & MASK; i < FAN; i++, p++) {
            if (leaf[i] != 0) {
              return Math.min(p, end);
            }
          }
          break;
        }
        node = (Object[]) child;
      }
    }
    return end;
  }

  /** Takes everything out. */
  void clearAll() {
    Arrays.fill(root, null);
    root = new Object[FAN];
    size = 0;
    lastIndex = -1;
    lastLeaf = null;
  }

  private long[] leaf(long page) {
    if (page >>> BITS == lastIndex) {
      return lastLeaf;
    }
    Object[] node = root;
    for (int shift = TOP_SHIFT; shift > BITS; shift -= BITS) {
      node = (Object[]) node[(int) (page >>> shift) & MASK];
      if (node == null) {
        return null;
      }
    }
    long[] leaf = (long[]) node[(int) (page >>> BITS) & MASK];
    if (leaf != null) {
      lastIndex = page >>> BITS;
      lastLeaf = leaf;
    }
    return leaf;
  }

  private long[] addLeaf(long page) {
    Object[] node = root;
    for (int shift = TOP_SHIFT; shift > BITS; shift -= BITS) {
      int i = (int) (page >>> shift) & MASK;
      if (node[i] == null) {
        node[i] = new Object[FAN];
      }
      node = (Object[]) node[i];
    }
    long[] leaf = new long[FAN + 1];
    node[(int) (page >>> BITS) & MASK] = leaf;
    lastIndex = page >>> BITS;
    lastLeaf = leaf;
    return leaf;
  }

  /**
   * Unlinks an empty leaf. Inner nodes stay: they are small, and the range is likely to be used
   * again.
   */
  private void dropLeaf(long page) {
    Object[] node = root;
    for (int shift = TOP_SHIFT; shift > BITS; shift -= BITS) {
      node = (Object[]) node[(int) (page >>> shift) & MASK];
    }
    node[(int) (page >>> BITS) & MASK] = null;
    lastIndex = -1;
    lastLeaf = null;
  }
}
