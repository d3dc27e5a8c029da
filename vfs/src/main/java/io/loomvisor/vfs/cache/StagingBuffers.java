package io.loomvisor.vfs.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Native memory that data of write(2) passes through: a few pieces that are kept, more while they
 * are needed.
 */
final class StagingBuffers {
  /** Bytes of one piece. */
  static final int SIZE = 256 << 10;

  private static final int KEPT = 4;

  private final AtomicReferenceArray<MemorySegment> kept = new AtomicReferenceArray<>(KEPT);

  MemorySegment take() {
    for (int i = 0; i < KEPT; i++) {
      MemorySegment m = kept.getPlain(i) == null ? null : kept.getAndSet(i, null);
      if (m != null) {
        return m;
      }
    }
    return Arena.ofAuto().allocate(SIZE, 64);
  }

  void give(MemorySegment m) {
    for (int i = 0; i < KEPT; i++) {
      if (kept.getPlain(i) == null && kept.compareAndSet(i, null, m)) {
        return;
      }
    }
  }
}
