package io.loomvisor.net.buffer;

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
  private final FreeBuffers small = new FreeBuffers(512);
  private final FreeBuffers large = new FreeBuffers(64);
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
    PacketBuffer b = (fitsSmall ? small : large).take();
    if (b == null) {
      b = new PacketBuffer(this, fitsSmall ? SMALL : LARGE);
    }
    b.reset(headroom);
    outstanding.increment();
    return b;
  }

  /** As {@link #acquire}, in an array that is no larger than need be, and not kept afterwards. */
  PacketBuffer acquireFitting(int headroom, int length) {
    PacketBuffer b = new PacketBuffer(this, headroom + length);
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
    switch (b.array().length) {
      case SMALL -> small.give(b);
      case LARGE -> large.give(b);
      default -> {}
    }
  }
}
