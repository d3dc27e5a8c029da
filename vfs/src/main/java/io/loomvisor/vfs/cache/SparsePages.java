package io.loomvisor.vfs.cache;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Frames by page index, sparse: chunks of 512 pages, of which the first grows with the file. Not
 * thread-safe: owned by the actor of one file.
 */
public final class SparsePages {
  private static final int CHUNK_SHIFT = 9;
  private static final int CHUNK = 1 << CHUNK_SHIFT;
  private static final long[] NONE = {};

  private long[] first = NONE;
  private TreeMap<Long, long[]> rest;
  private long count;

  /** Pages present. */
  public long count() {
    return count;
  }

  /** The frame of the page, or 0. */
  public long get(long index) {
    long[] c = chunk(index);
    int i = (int) (index & CHUNK - 1);
    return c != null && i < c.length ? c[i] : 0;
  }

  /** Enters a frame where there was none. */
  public void set(long index, long frame) {
    long[] c = chunkForWrite(index);
    c[(int) (index & CHUNK - 1)] = frame;
    count++;
  }

  /** Takes out every page in [from, end) and hands its frame to {@code removed}. */
  public void remove(long from, long end, LongConsumer removed) {
    long index = next(from);
    while (index >= 0 && index < end) {
      long[] c = chunk(index);
      int i = (int) (index & CHUNK - 1);
      long frame = c[i];
      c[i] = 0;
      count--;
      removed.accept(frame);
      index = next(index + 1);
    }
    if (rest != null && from < end) {
      rest.subMap(ceilingChunk(from), Math.max(ceilingChunk(from), end >>> CHUNK_SHIFT)).clear();
    }
    if (count == 0) {
      first = NONE;
      rest = null;
    }
  }

  /** The first page at or after {@code index} that is present, or -1. */
  public long next(long index) {
    if (index < CHUNK) {
      for (int i = (int) index; i < first.length; i++) {
        if (first[i] != 0) {
          return i;
        }
      }
    }
    if (rest == null) {
      return -1;
    }
    for (Map.Entry<Long, long[]> e : rest.tailMap(index >>> CHUNK_SHIFT, true).entrySet()) {
      long base = e.getKey() << CHUNK_SHIFT;
      for (int i = (int) Math.max(0, index - base); i < CHUNK; i++) {
        if (e.getValue()[i] != 0) {
          return base + i;
        }
      }
    }
    return -1;
  }

  /** The first page at or after {@code index} that is absent. */
  public long nextAbsent(long index) {
    long i = index;
    while (get(i) != 0) {
      i++;
    }
    return i;
  }

  private static long ceilingChunk(long index) {
    return (index + CHUNK - 1) >>> CHUNK_SHIFT;
  }

  private long[] chunk(long index) {
    long c = index >>> CHUNK_SHIFT;
    return c == 0 ? first : rest == null ? null : rest.get(c);
  }

  private long[] chunkForWrite(long index) {
    long c = index >>> CHUNK_SHIFT;
    if (c == 0) {
      if (index >= first.length) {
        int wanted = Math.max(4, Integer.highestOneBit((int) index) << 1);
        first = Arrays.copyOf(first, Math.min(CHUNK, wanted));
      }
      return first;
    }
    if (rest == null) {
      rest = new TreeMap<>();
    }
    return rest.computeIfAbsent(c, k -> new long[CHUNK]);
  }
}
