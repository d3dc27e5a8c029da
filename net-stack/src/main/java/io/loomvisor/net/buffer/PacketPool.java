package io.loomvisor.net.buffer;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Buffers of two sizes: frames of ordinary links, and what segmentation and reassembly make of
 * them. Free buffers sit in slots that are emptied and filled by one atomic exchange each; a full
 * or empty pool falls back on the garbage collector, so the pool bounds what it keeps, and its
 * users bound what they hold. Any thread may call.
 */
public final class PacketPool {
  private static final int SMALL = 2048;
  private static final int LARGE = 65_536 + 2 * PacketBuffer.HEADROOM;
  private static final int PROBES = 8;

  private final AtomicReferenceArray<PacketBuffer> small = new AtomicReferenceArray<>(512);
  private final AtomicReferenceArray<PacketBuffer> large = new AtomicReferenceArray<>(64);
  private final LongAdder outstanding = new LongAdder();

  /** An empty packet that {@code length} bytes can be appended to. */
  public PacketBuffer acquire(int length) {
    return acquire(PacketBuffer.HEADROOM, length);
  }

  public PacketBuffer acquire(int headroom, int length) {
    int size = Math.addExact(headroom, length);
    if (length < 0 || size > LARGE) {
      throw new IllegalArgumentException("packet of " + length + " bytes");
    }
    boolean fitsSmall = size <= SMALL;
    PacketBuffer b = take(fitsSmall ? small : large);
    if (b == null) {
      b = new PacketBuffer(this, fitsSmall ? SMALL : LARGE);
    }
    b.reset(headroom);
    outstanding.increment();
    return b;
  }

  /** Packets acquired and not yet released. */
  public long outstanding() {
    return outstanding.sum();
  }

  void recycle(PacketBuffer b) {
    outstanding.decrement();
    AtomicReferenceArray<PacketBuffer> slots = b.array().length == SMALL ? small : large;
    int mask = slots.length() - 1;
    int at = home();
    for (int i = 0; i < PROBES; i++) {
      int slot = (at + i) & mask;
      if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, b)) {
        return;
      }
    }
  }

  private static PacketBuffer take(AtomicReferenceArray<PacketBuffer> slots) {
    int mask = slots.length() - 1;
    int at = home();
    for (int i = 0; i < PROBES; i++) {
      int slot = (at + i) & mask;
      if (slots.getPlain(slot) != null) {
        PacketBuffer b = slots.getAndSet(slot, null);
        if (b != null) {
          return b;
        }
      }
    }
    return null;
  }

  private static int home() {
    return ThreadLocalRandom.current().nextInt() & ~(PROBES - 1);
  }
}
