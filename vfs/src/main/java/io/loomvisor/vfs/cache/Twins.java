package io.loomvisor.vfs.cache;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.TreeMap;

/**
 * Copies of the pages that mappings may store to, as the storage had them: what differs has been
 * stored here, and only that is written back, so that bytes of the same page that others have
 * changed meanwhile are not undone (the multiple-writer protocol of Carter et al., Munin, 1991).
 * Owned by the actor of one file.
 */
final class Twins {
  /** Takes a part of the page to write at its place in the file. */
  interface Writer {
    void write(MemorySegment part, long within);
  }

  private final TreeMap<Long, byte[]> copies = new TreeMap<>();

  /** The page is as the storage has it, but will be stored to. */
  void keep(long index, MemorySegment page) {
    copies.put(index, page.toArray(ValueLayout.JAVA_BYTE));
  }

  void drop(long index) {
    copies.remove(index);
  }

  void dropFrom(long first) {
    copies.tailMap(first, true).clear();
  }

  /** The storage has got {@code bytes} in that page by another way. */
  void written(long index, MemorySegment bytes, long within) {
    byte[] twin = copies.get(index);
    if (twin != null) {
      MemorySegment.copy(bytes, 0, MemorySegment.ofArray(twin), within, bytes.byteSize());
    }
  }

  void zeroed(long index, long within, long length) {
    byte[] twin = copies.get(index);
    if (twin != null) {
      MemorySegment.ofArray(twin).asSlice(within, length).fill((byte) 0);
    }
  }

  /**
   * Hands each run of bytes that have been stored since the last time to {@code writer}.
   *
   * @param page as far as the file goes; may be stored to meanwhile
   */
  void writeStores(long index, MemorySegment page, Writer writer) {
    MemorySegment twin = MemorySegment.ofArray(copies.get(index));
    MemorySegment now = MemorySegment.ofArray(page.toArray(ValueLayout.JAVA_BYTE));
    long n = now.byteSize();
    long from = mismatch(now, twin, 0, n);
    while (from < n) {
      long to = from + 1;
      while (to < n && byteAt(now, to) != byteAt(twin, to)) {
        to++;
      }
      writer.write(page.asSlice(from, to - from), from);
      MemorySegment.copy(now, from, twin, from, to - from);
      from = mismatch(now, twin, to, n);
    }
  }

  private static byte byteAt(MemorySegment m, long offset) {
    return m.get(ValueLayout.JAVA_BYTE, offset);
  }

  /** Where they differ first in [from, end); {@code end} if nowhere. */
  private static long mismatch(MemorySegment a, MemorySegment b, long from, long end) {
    long at = MemorySegment.mismatch(a, from, end, b, from, end);
    return at < 0 ? end : from + at;
  }
}
