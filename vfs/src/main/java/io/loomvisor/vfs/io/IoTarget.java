package io.loomvisor.vfs.io;

import java.lang.foreign.MemorySegment;

/**
 * Where read(2) puts bytes: a sequence of application buffers, or the heap. Has a position that
 * advances. Must not be called while an actor of rank MEMORY or below is held: it may fault pages
 * in.
 *
 * <p>The usual course of a file description that would lose data by a fault: {@link #prepare}, take
 * that many bytes out of the object, {@link #put} them.
 */
public interface IoTarget {
  /** Bytes of room left. */
  long remaining();

  /**
   * Makes the next bytes writable and says how many, at least 1 and at most {@code min(max,
   * remaining)}; 0 only if that minimum is 0. EFAULT if not even the first byte is writable.
   */
  long prepare(long max);

  /**
   * Copies {@code length} bytes from {@code source} at {@code offset} and advances.
   *
   * @return bytes copied: fewer than asked when room or accessible memory ends; EFAULT if none
   *     could be copied
   */
  long put(MemorySegment source, long offset, long length);

  /** As {@link #put} with zeros. */
  long putZeros(long length);
}
