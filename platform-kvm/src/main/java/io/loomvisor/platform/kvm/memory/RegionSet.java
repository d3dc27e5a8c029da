package io.loomvisor.platform.kvm.memory;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * A set of regions, each what one leaf table covers, by number: those in which an address space may
 * have entries. A hash table with linear probing; one owner.
 */
final class RegionSet {
  private static final long NONE = -1;

  /** A power of two. */
  private long[] slots = none(16);

  private int size;

  private static long[] none(int count) {
    long[] slots = new long[count];
    Arrays.fill(slots, NONE);
    return slots;
  }

  int size() {
    return size;
  }

  /** {@code region} is not negative. */
  void add(long region) {
    if (!put(slots, region)) {
      return;
    }
    size++;
    if (size * 2 > slots.length) {
      long[] larger = none(slots.length * 2);
      forEach(r -> put(larger, r));
      slots = larger;
    }
  }

  /** False if it was there. */
  private static boolean put(long[] slots, long region) {
    int mask = slots.length - 1;
    int i = (int) (region * 0x9E37_79B9_7F4A_7C15L >>> 40) & mask;
    while (slots[i] != NONE) {
      if (slots[i] == region) {
        return false;
      }
      i = i + 1 & mask;
    }
    slots[i] = region;
    return true;
  }

  void forEach(LongConsumer visitor) {
    for (long r : slots) {
      if (r != NONE) {
        visitor.accept(r);
      }
    }
  }
}
