package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;

/**
 * Makes pages resident on demand. A fault costs tens of microseconds, zeroing or copying a page
 * less than one, so each fault brings some neighbours along. Belongs to the memory manager's actor.
 */
final class Pager {
  /** Anonymous pages that a fault at a random place brings along: an aligned block. */
  private static final int ANONYMOUS_BLOCK = 16;

  /** So many pages follow, also where the block ends earlier. */
  private static final int ANONYMOUS_LEAST = 8;

  /**
   * The most pages that a fault in a sequence brings along: 2 MiB, which is one large page-table
   * entry.
   */
  private static final int SEQUENCE_LIMIT = 512;

  /** Shared pages that one write fault copies: an aligned block. */
  private static final int COPY_BLOCK = 8;

  /** Pages that may be taken over with one that is written to: an aligned block. */
  private static final int TAKE_BLOCK = 64;

  private final AddressSpaceState state;
  private final Residency pages;
  private final MemoryFile memory;
  private final BackedFaults backed;

  Pager(AddressSpaceState state) {
    this.state = state;
    this.pages = state.pages;
    this.memory = state.pages.memory();
    this.backed = new BackedFaults(state.pages);
  }

  /** Resolves a fault; the caller settles afterwards. */
  FaultOutcome fault(long address, boolean write, boolean execute) {
    if (address < 0 || address >= Platform.MAX_USER_ADDRESS) {
      return FaultOutcome.NOT_MAPPED;
    }
    long page = address >>> Platform.PAGE_SHIFT;
    long entry = pages.get(page);
    int need = write ? AddressSpace.WRITE : execute ? AddressSpace.EXEC : AddressSpace.READ;
    if ((entry & need) != 0) {
      return refresh(page);
    }
    Vma vma = state.vmas.find(address);
    if (vma == null) {
      vma = StackGrowth.grow(state, address);
      if (vma == null) {
        return FaultOutcome.NOT_MAPPED;
      }
    }
    if (write ? !vma.writable() : execute ? !vma.executable() : !vma.accessible()) {
      return FaultOutcome.NOT_PERMITTED;
    }
    try {
      return resolve(vma, page, entry, write);
    } catch (MemoryFile.OutOfMemoryException e) {
      return FaultOutcome.OUT_OF_MEMORY;
    } catch (LinuxException e) {
      return e.errno() == Errno.ENOMEM ? FaultOutcome.OUT_OF_MEMORY : FaultOutcome.NO_PAGE;
    }
  }

  /** The tables lag behind, or lacked a frame when the page was installed. */
  private FaultOutcome refresh(long page) {
    try {
      pages.refresh(page);
      return FaultOutcome.RESOLVED;
    } catch (MemoryFile.OutOfMemoryException e) {
      return FaultOutcome.OUT_OF_MEMORY;
    }
  }

  private FaultOutcome resolve(Vma vma, long page, long entry, boolean write) {
    if (!vma.shared() && Residency.own(entry)) {
      if (write) {
        unshare(vma, page);
      } else {
        pages.setProtection(page, vma.readProtection());
      }
      return FaultOutcome.RESOLVED;
    }
    if (vma.backing() != null) {
      return backed.resolve(vma, page, entry, write);
    }
    addZeroPages(vma, page);
    return FaultOutcome.RESOLVED;
  }

  /** The first of the absent pages that lead up to {@code page}, not below {@code from}. */
  private long firstOfGap(long page, long from) {
    long p = page;
    while (p > from && pages.get(p - 1) == 0) {
      p--;
    }
    return p;
  }

  /**
   * Pages of the address space alone that lead up to {@code page}, up to {@link #SEQUENCE_LIMIT}: a
   * program that has come so far is likely to go on as far. It may do so in several places in turn.
   */
  private int residentBelow(long page, long lowest) {
    long p = page;
    long limit = Math.max(lowest, page - SEQUENCE_LIMIT);
    while (p > limit && Residency.own(pages.get(p - 1))) {
      p--;
    }
    return (int) (page - p);
  }

  /** Zero pages at {@code page} and around it; only the one with MADV_NOHUGEPAGE. */
  private void addZeroPages(Vma vma, long page) {
    if (vma.has(Vma.NO_HUGE)) {
      pages.install(page, memory.allocate(), vma.fullProtection(), true);
      return;
    }
    long lowest = vma.start() >>> Platform.PAGE_SHIFT;
    int run = vma.has(Vma.RANDOM) ? 0 : residentBelow(page, lowest);
    long start = page;
    long end;
    if (run < ANONYMOUS_BLOCK) {
      long block = page & -ANONYMOUS_BLOCK;
      start = firstOfGap(page, Math.max(block, lowest));
      end = Math.max(block + ANONYMOUS_BLOCK, page + ANONYMOUS_LEAST);
    } else {
      end = page + run;
      if (run == SEQUENCE_LIMIT) {
        end &= -SEQUENCE_LIMIT;
      }
    }
    end = Math.min(end, vma.end() >>> Platform.PAGE_SHIFT);
    end = pages.next(page, end);
    int count = (int) (end - start);
    long first;
    try {
      first =
          memory.allocate(
              count, count == SEQUENCE_LIMIT && start % SEQUENCE_LIMIT == 0 ? SEQUENCE_LIMIT : 1);
    } catch (MemoryFile.OutOfMemoryException e) {
      if (count == 1) {
        throw e;
      }
      start = page;
      count = 1;
      first = memory.allocate();
    }
    pages.installRun(start, first, count, vma.fullProtection(), true);
  }

  /**
   * A write to a page that was shared by fork: takes it over if nobody else has it, copies it
   * otherwise.
   */
  private void unshare(Vma vma, long page) {
    long start = Math.max(page & -COPY_BLOCK, vma.start() >>> Platform.PAGE_SHIFT);
    long end = Math.min((page & -COPY_BLOCK) + COPY_BLOCK, vma.end() >>> Platform.PAGE_SHIFT);
    for (long p = start; p < end; p++) {
      int n = 0;
      while (p + n < end && readOnlyAndShared(pages.get(p + n))) {
        n++;
      }
      if (n > 0) {
        copyRun(vma, p, n, page);
        p += n;
      }
    }
    takeOverRest(vma, page);
  }

  private boolean readOnlyAndShared(long entry) {
    return Residency.own(entry)
        && (entry & AddressSpace.WRITE) == 0
        && memory.references(Residency.frame(entry)) > 1;
  }

  /** Of these only {@code wanted} must be had, if it is among them. */
  private void copyRun(Vma vma, long page, int count, long wanted) {
    boolean needed = page <= wanted && wanted < page + count;
    long copy;
    try {
      copy = memory.allocateToFill(count);
    } catch (MemoryFile.OutOfMemoryException e) {
      if (needed && count == 1) {
        throw e;
      }
      if (needed) {
        copyRun(vma, wanted, 1, wanted);
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      BackedFaults.copyFrame(memory, Residency.frame(pages.get(page + i)), copy + i);
    }
    pages.replaceRun(page, copy, count, vma.fullProtection());
  }

  /**
   * Makes the pages of the wider block that have become ours alone writable too, which costs no
   * copy.
   */
  private void takeOverRest(Vma vma, long page) {
    long start = Math.max(page & -TAKE_BLOCK, vma.start() >>> Platform.PAGE_SHIFT);
    long end = Math.min((page & -TAKE_BLOCK) + TAKE_BLOCK, vma.end() >>> Platform.PAGE_SHIFT);
    long p = start;
    while (p < end) {
      int n = 0;
      while (p + n < end && readOnlyAndOurs(pages.get(p + n))) {
        n++;
      }
      if (n > 0) {
        pages.setProtection(p, n, vma.fullProtection());
      }
      p += n + 1;
    }
  }

  private boolean readOnlyAndOurs(long entry) {
    return Residency.own(entry)
        && (entry & AddressSpace.WRITE) == 0
        && memory.references(Residency.frame(entry)) == 1;
  }

  /**
   * Makes the pages of [start, end) resident as far as that is possible (MAP_POPULATE, mlock,
   * MADV_POPULATE).
   *
   * @return the first address whose page could not be had, {@code end} if there is none
   */
  long populate(long start, long end, boolean write) {
    int need = write ? AddressSpace.WRITE : AddressSpace.READ;
    for (long a = start; a < end; a += Platform.PAGE_SIZE) {
      if ((pages.get(a >>> Platform.PAGE_SHIFT) & need) == 0
          && fault(a, write, false) != FaultOutcome.RESOLVED) {
        return a;
      }
    }
    return end;
  }

  /** A mapping is new; {@code placed} with MAP_FIXED. */
  void mapAhead(Vma vma, boolean placed) {
    backed.mapAhead(vma, placed ? state.vmas.find(vma.start() - 1) : null, placed);
  }
}
