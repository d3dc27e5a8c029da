package io.loomvisor.gofer.client;

import io.loomvisor.gofer.host.MessageMemory;
import io.loomvisor.gofer.wire.Wire;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Native memory to put requests together in: a few that are kept, more while they are needed. Any
 * thread.
 */
final class SendBuffers {
  private static final int KEPT = 8;

  record Buffer(MemorySegment memory, ByteBuffer bytes) {}

  private final AtomicReferenceArray<Buffer> kept = new AtomicReferenceArray<>(KEPT);

  Buffer take() {
    for (int i = 0; i < KEPT; i++) {
      if (kept.getPlain(i) != null) {
        Buffer b = kept.getAndSet(i, null);
        if (b != null) {
          return b;
        }
      }
    }
    MemorySegment memory = MessageMemory.allocate(Wire.MAX_MESSAGE);
    return new Buffer(memory, memory.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }

  void give(Buffer buffer) {
    for (int i = 0; i < KEPT; i++) {
      if (kept.getPlain(i) == null && kept.compareAndSet(i, null, buffer)) {
        return;
      }
    }
  }
}
