package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;

/** mincore(2): which pages are in memory. Runs in the memory manager's actor. */
final class Mincore {
  /** Pages that a file is asked for at a time. */
  private static final int STEP = 512;

  private final AddressSpaceState state;

  Mincore(AddressSpaceState state) {
    this.state = state;
  }

  /** What mincore(2) says of all arguments, before it looks at any page. */
  static void check(long address, long length) {
    if ((address & Platform.PAGE_SIZE - 1) != 0) {
      throw Errno.EINVAL.exception();
    }
    long size = AddressSpaceState.alignUp(length);
    if (address < 0 || size < 0 || address > Platform.MAX_USER_ADDRESS - size) {
      throw Errno.ENOMEM.exception();
    }
  }

  /** One byte per page of [address, end), bit 0 for resident. ENOMEM if there is a gap. */
  byte[] resident(long address, long end) {
    if (!state.vmas.covers(address, end)) {
      throw Errno.ENOMEM.exception();
    }
    long first = address >>> Platform.PAGE_SHIFT;
    long last = end >>> Platform.PAGE_SHIFT;
    byte[] bits = new byte[(int) (last - first)];
    for (long p = state.pages.next(first, last); p < last; p = state.pages.next(p + 1, last)) {
      bits[(int) (p - first)] = 1;
    }
    VmaList vmas = state.vmas;
    for (int i = vmas.indexFrom(address); i < vmas.size() && vmas.at(i).start() < end; i++) {
      if (vmas.at(i).backing() != null) {
        addCached(vmas.at(i), bits, first);
      }
    }
    return bits;
  }

  /** Of a file counts what the page cache has, mapped or not (Linux: mincore_page). */
  private void addCached(Vma v, byte[] bits, long first) {
    long[] frames = new long[STEP];
    long p = Math.max(first, v.start() >>> Platform.PAGE_SHIFT);
    long end = Math.min(first + bits.length, v.end() >>> Platform.PAGE_SHIFT);
    while (p < end) {
      int n = (int) Math.min(STEP, end - p);
      v.backing().mappable().cached(v.backingPage(p << Platform.PAGE_SHIFT), n, frames, false);
      int at = (int) (p - first);
      for (int i = 0; i < n; i++) {
        if (frames[i] != 0) {
          bits[at + i] = 1;
          state.pages.memory().release(frames[i]);
        }
      }
      p += n;
    }
  }
}
