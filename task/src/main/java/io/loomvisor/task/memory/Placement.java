package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;

/** Finds room for a new mapping (Linux: get_unmapped_area, vm_unmapped_area). */
final class Placement {
  /** MAP_32BIT: the low 2 GiB (Linux: find_start_end). */
  private static final long LOW_START = 0x4000_0000L;

  private static final long LOW_END = 0x8000_0000L;

  private Placement() {}

  /**
   * An address for {@code length} bytes, top-down below the mmap base; ENOMEM if there is no gap.
   *
   * @param hint taken if it is free; 0 for none
   */
  static long find(AddressSpaceState state, long hint, long length, int flags) {
    if (length > Platform.MAX_USER_ADDRESS) {
      throw Errno.ENOMEM.exception();
    }
    if ((flags & MemoryFlags.MAP_32BIT) != 0) {
      return orNoMemory(lowest(state, LOW_START, LOW_END, length));
    }
    if (hint != 0) {
      long at = Math.max(AddressSpaceState.alignUp(hint), AddressSpaceState.MIN_ADDRESS);
      if (at > 0 && at <= Platform.MAX_USER_ADDRESS - length && isFree(state, at, length)) {
        return at;
      }
    }
    long top = highest(state, AddressSpaceState.MIN_ADDRESS, state.mmapBase, length);
    return top >= 0
        ? top
        : orNoMemory(
            lowest(state, AddressSpaceState.BOTTOM_UP_BASE, Platform.MAX_USER_ADDRESS, length));
  }

  private static long orNoMemory(long address) {
    if (address < 0) {
      throw Errno.ENOMEM.exception();
    }
    return address;
  }

  /** Where what ends below {@code next} has to end: a stack keeps its guard gap. */
  private static long lowerBound(Vma next) {
    return next.has(Vma.GROWS_DOWN)
        ? Math.max(0, next.start() - StackGrowth.GUARD_GAP)
        : next.start();
  }

  private static boolean isFree(AddressSpaceState state, long at, long length) {
    int i = state.vmas.indexFrom(at);
    return i == state.vmas.size() || at + length <= lowerBound(state.vmas.at(i));
  }

  private static long highest(AddressSpaceState state, long low, long high, long length) {
    VmaList vmas = state.vmas;
    int i = vmas.indexFrom(high - 1);
    long top = i < vmas.size() ? Math.min(high, lowerBound(vmas.at(i))) : high;
    for (i--; i >= 0; i--) {
      Vma below = vmas.at(i);
      if (top - below.end() >= length) {
        return top - length >= low ? top - length : -1;
      }
      top = Math.min(top, lowerBound(below));
      if (top - length < low) {
        return -1;
      }
    }
    return top - length >= low ? top - length : -1;
  }

  private static long lowest(AddressSpaceState state, long low, long high, long length) {
    VmaList vmas = state.vmas;
    long at = low;
    for (int i = vmas.indexFrom(low); i < vmas.size() && at <= high - length; i++) {
      if (lowerBound(vmas.at(i)) - at >= length) {
        return at;
      }
      at = Math.max(at, vmas.at(i).end());
    }
    return at <= high - length ? at : -1;
  }
}
