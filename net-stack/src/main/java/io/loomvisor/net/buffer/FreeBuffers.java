package io.loomvisor.net.buffer;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Buffers of one size that nobody uses, in a few stacks that threads spread over. Where the top of
 * a stack is is only a hint, which threads update without synchronisation: being wrong costs a few
 * probes or, at worst, an allocation.
 */
final class FreeBuffers {
  private static final int STACKS = 4;
  private static final int PROBES = 6;

  /** Hints are a cache line apart. */
  private static final int SPACING = 16;

  private final AtomicReferenceArray<PacketBuffer> slots;
  private final int[] tops = new int[STACKS * SPACING];
  private final int mask;

  /**
   * @param capacity a power of two, at least {@value #STACKS}
   */
  FreeBuffers(int capacity) {
    slots = new AtomicReferenceArray<>(capacity);
    mask = capacity / STACKS - 1;
  }

  /** A buffer of the own stack, or of another one, or null. */
  PacketBuffer take() {
    int first = home();
    for (int k = 0; k < STACKS; k++) {
      PacketBuffer b = take(first + k & STACKS - 1);
      if (b != null) {
        return b;
      }
    }
    return null;
  }

  private PacketBuffer take(int stack) {
    int base = stack * (mask + 1);
    int top = tops[stack * SPACING];
    for (int i = 1; i <= PROBES; i++) {
      int at = top - i & mask;
      if (slots.getPlain(base + at) != null) {
        PacketBuffer b = slots.getAndSet(base + at, null);
        if (b != null) {
          tops[stack * SPACING] = at;
          return b;
        }
      }
    }
    return null;
  }

  /** Keeps a buffer if there is room near the top of the own stack or of another one. */
  void give(PacketBuffer b) {
    int first = home();
    for (int k = 0; k < STACKS; k++) {
      if (give(b, first + k & STACKS - 1)) {
        return;
      }
    }
  }

  private boolean give(PacketBuffer b, int stack) {
    int base = stack * (mask + 1);
    int top = tops[stack * SPACING];
    for (int i = 0; i < PROBES; i++) {
      int at = top + i & mask;
      if (slots.getPlain(base + at) == null && slots.compareAndSet(base + at, null, b)) {
        tops[stack * SPACING] = at + 1 & mask;
        return true;
      }
    }
    return false;
  }

  private static int home() {
    return (int) Thread.currentThread().threadId() & STACKS - 1;
  }
}
