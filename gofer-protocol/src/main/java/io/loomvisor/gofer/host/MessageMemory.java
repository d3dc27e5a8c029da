package io.loomvisor.gofer.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Memory for whole messages. An {@link Arena} clears what it gives out eight bytes at a time, in a
 * loop that the JVM interprets while a process starts: 1 to 2 ms for 128 KiB. This is cleared by
 * the C library.
 */
public final class MessageMemory {
  private static final int ALIGNMENT = 64;

  private MessageMemory() {}

  /** {@code size} bytes, aligned to a cache line; they live as long as anything refers to them. */
  public static MemorySegment allocate(int size) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(size + ALIGNMENT).alignedSlice(ALIGNMENT);
    return MemorySegment.ofBuffer(bytes.limit(size));
  }
}
