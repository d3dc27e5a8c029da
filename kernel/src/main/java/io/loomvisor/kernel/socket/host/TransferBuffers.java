package io.loomvisor.kernel.socket.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Native memory between application and host, one buffer for each transfer that is under way. Some
 * are kept; any thread.
 */
final class TransferBuffers {
  /** No datagram is longer than 64 KiB. */
  static final int SIZE = 128 << 10;

  private static final int KEPT = 16;

  private final AtomicReferenceArray<MemorySegment> free = new AtomicReferenceArray<>(KEPT);

  MemorySegment take() {
    for (int i = 0; i < KEPT; i++) {
      MemorySegment b = free.getPlain(i) == null ? null : free.getAndSet(i, null);
      if (b != null) {
        return b;
      }
    }
    return Arena.ofAuto().allocate(SIZE, 64);
  }

  void give(MemorySegment buffer) {
    for (int i = 0; i < KEPT; i++) {
      if (free.getPlain(i) == null && free.compareAndSet(i, null, buffer)) {
        return;
      }
    }
  }
}
