package io.loomvisor.task.memory;

import io.loomvisor.platform.Platform;
import io.loomvisor.task.process.ResourceLimits;

/**
 * Grows a MAP_GROWSDOWN area downwards on a fault below it (Linux: expand_stack,
 * acct_stack_growth).
 */
final class StackGrowth {
  /** Bytes kept free between a stack and what lies below it: 256 pages (Linux: stack_guard_gap). */
  static final long GUARD_GAP = 256L << Platform.PAGE_SHIFT;

  private StackGrowth() {}

  /**
   * The area that contains {@code address} after growing; null if there is none that may grow so
   * far.
   */
  static Vma grow(AddressSpaceState state, long address) {
    VmaList vmas = state.vmas;
    int i = vmas.indexFrom(address);
    if (i == vmas.size() || !vmas.at(i).has(Vma.GROWS_DOWN)) {
      return null;
    }
    Vma old = vmas.at(i);
    long start = address & -Platform.PAGE_SIZE;
    if (start < AddressSpaceState.MIN_ADDRESS) {
      return null;
    }
    if (i > 0) {
      Vma below = vmas.at(i - 1);
      boolean guarded = !below.has(Vma.GROWS_DOWN) && below.accessible();
      if (guarded && start - below.end() < GUARD_GAP) {
        return null;
      }
    }
    if (old.end() - start > state.limits.soft(ResourceLimits.RLIMIT_STACK)) {
      return null;
    }
    if (!state.mayExpand(old.start() - start, false)) {
      return null;
    }
    long offset = old.backing() == null ? 0 : old.offset() - (old.start() - start);
    if (offset < 0) {
      return null;
    }
    Vma grown = new Vma(start, old.end(), old.protection(), old.flags(), old.backing(), offset);
    vmas.replace(i, grown);
    state.notePeak();
    return grown;
  }
}
