package io.loomvisor.task.memory;

import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import java.lang.foreign.MemorySegment;

/**
 * Access that protection does not hinder (mm/gup.c: FOLL_FORCE), for ptrace(2) and /proc/PID/mem.
 * Belongs to the memory manager's actor.
 *
 * <p>Safe as {@link UserCopy} is: frame numbers come from the residency only.
 */
final class DebugAccess {
  private final AddressSpaceState state;
  private final Residency pages;
  private final Pager pager;

  DebugAccess(AddressSpaceState state, Pager pager) {
    this.state = state;
    this.pages = state.pages;
    this.pager = pager;
  }

  long read(long address, MemorySegment target) {
    long done = 0;
    while (done < target.byteSize()) {
      long at = locate(address + done, false);
      if (at < 0) {
        break;
      }
      long n = chunk(address + done, target.byteSize() - done);
      MemorySegment.copy(pages.memory().whole(), at, target, done, n);
      done += n;
    }
    return done;
  }

  long write(long address, MemorySegment source) {
    long done = 0;
    while (done < source.byteSize()) {
      long at = locate(address + done, true);
      if (at < 0) {
        break;
      }
      long n = chunk(address + done, source.byteSize() - done);
      MemorySegment.copy(source, done, pages.memory().whole(), at, n);
      done += n;
    }
    return done;
  }

  private static long chunk(long address, long left) {
    return Math.min(left, Platform.PAGE_SIZE - (address & Platform.PAGE_SIZE - 1));
  }

  /** Where in the memory file it is; -1 if it is not to be had. */
  private long locate(long address, boolean write) {
    if (address < 0 || address >= Platform.MAX_USER_ADDRESS) {
      return -1;
    }
    Vma vma = state.vmas.find(address);
    if (vma == null || write && vma.shared() && !vma.writable()) {
      return -1;
    }
    long page = address >>> Platform.PAGE_SHIFT;
    FaultOutcome outcome = pager.force(vma, page, write);
    if (outcome == FaultOutcome.OUT_OF_MEMORY) {
      throw new MemoryFile.OutOfMemoryException(); // see Scarcity
    }
    if (outcome != FaultOutcome.RESOLVED) {
      return -1;
    }
    long frame = Residency.frame(pages.get(page));
    return frame << Platform.PAGE_SHIFT | address & Platform.PAGE_SIZE - 1;
  }
}
