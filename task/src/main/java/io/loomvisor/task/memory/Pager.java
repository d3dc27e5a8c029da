package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import java.lang.foreign.MemorySegment;

/**
 * Makes pages resident on demand. A fault costs tens of microseconds, zeroing or copying a page
 * less than one, so each fault brings some neighbours along. Belongs to the memory manager's actor.
 */
final class Pager {
  /**
   * Pages of a file that one fault maps at most, if they are in the page cache: one aligned block.
   */
  private static final int FILE_BLOCK = 64;

  /** Anonymous pages that a fault at a random place brings along: an aligned block. */
  private static final int ANONYMOUS_BLOCK = 8;

  /**
   * The most pages that a fault in a sequence brings along: 2 MiB, which is one large page-table
   * entry.
   */
  private static final int SEQUENCE_LIMIT = 512;

  /** Shared pages that one write fault copies: an aligned block. */
  private static final int COPY_BLOCK = 8;

  /**
   * The writable part of a program, if it has at most so many pages, is copied at the first touch:
   * it is going to be written. Other private mappings must see what is written to the file until
   * they are written themselves, page by page.
   */
  private static final int SMALL_DATA = 16;

  private final AddressSpaceState state;
  private final Residency pages;
  private final MemoryFile memory;
  private final long[] frames = new long[FILE_BLOCK];

  /**
   * Where the last run of new anonymous pages ended, and its length: a fault right there goes on
   * with a longer one.
   */
  private long sequenceEnd;

  private int sequenceLength;

  Pager(AddressSpaceState state) {
    this.state = state;
    this.pages = state.pages;
    this.memory = state.pages.memory();
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

  /**
   * Resolves a fault of a debugger, which the VMA's protection does not bind. After a write the
   * page is this address space's own, though it may not be mapped writable.
   */
  FaultOutcome force(Vma vma, long page, boolean write) {
    long entry = pages.get(page);
    try {
      if (write && Residency.own(entry)) {
        unsharePage(vma, page);
        return FaultOutcome.RESOLVED;
      }
      if (write && !vma.shared() && vma.backing() != null) {
        return copyPage(vma, page) ? FaultOutcome.RESOLVED : FaultOutcome.NO_PAGE;
      }
      return entry != 0 && !write ? FaultOutcome.RESOLVED : resolve(vma, page, entry, write);
    } catch (MemoryFile.OutOfMemoryException e) {
      return FaultOutcome.OUT_OF_MEMORY;
    } catch (LinuxException e) {
      return e.errno() == Errno.ENOMEM ? FaultOutcome.OUT_OF_MEMORY : FaultOutcome.NO_PAGE;
    }
  }

  private FaultOutcome resolve(Vma vma, long page, long entry, boolean write) {
    if (vma.shared()) {
      return resolveShared(vma, page, entry, write);
    }
    if (Residency.own(entry)) {
      if (write) {
        unshare(vma, page);
      } else {
        pages.setProtection(page, vma.readProtection());
      }
      return FaultOutcome.RESOLVED;
    }
    if (vma.backing() == null) {
      addZeroPages(vma, page);
      return FaultOutcome.RESOLVED;
    }
    boolean copy =
        write
            || vma.has(Vma.PROGRAM)
                && vma.writable()
                && vma.length() >>> Platform.PAGE_SHIFT <= SMALL_DATA;
    return copy ? copyFromFile(vma, page) : mapFile(vma, page, entry);
  }

  private FaultOutcome resolveShared(Vma vma, long page, long entry, boolean write) {
    if (!write) {
      return mapFile(vma, page, entry);
    }
    long frame = vma.backing().mappable().frame(vma.backingPage(page << Platform.PAGE_SHIFT), true);
    if (frame == 0) {
      return FaultOutcome.NO_PAGE;
    }
    pages.install(page, frame, vma.fullProtection(), false);
    return FaultOutcome.RESOLVED;
  }

  /** Maps the page and its block from the page cache, read-only. */
  private FaultOutcome mapFile(Vma vma, long page, long entry) {
    if (entry != 0) {
      pages.setProtection(page, vma.readProtection());
      return FaultOutcome.RESOLVED;
    }
    long blockStart = Math.max(page & -FILE_BLOCK, vma.start() >>> Platform.PAGE_SHIFT);
    long blockEnd = Math.min((page & -FILE_BLOCK) + FILE_BLOCK, vma.end() >>> Platform.PAGE_SHIFT);
    long first = firstOfGap(page, blockStart);
    mapCached(vma, page, (int) (blockEnd - page));
    if (pages.get(page) == 0) {
      return FaultOutcome.NO_PAGE;
    }
    if (first < page) {
      mapCached(vma, first, (int) (page - first));
    }
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

  private void mapCached(Vma vma, long page, int count) {
    vma.backing().mappable().frames(vma.backingPage(page << Platform.PAGE_SHIFT), count, frames);
    pages.installAbsent(page, frames, count, vma.readProtection());
  }

  /** Zero pages at {@code page} and around it; only the one with MADV_NOHUGEPAGE. */
  private void addZeroPages(Vma vma, long page) {
    if (vma.has(Vma.NO_HUGE)) {
      pages.install(page, memory.allocate(), vma.fullProtection(), true);
      return;
    }
    long start = page;
    long end;
    if (page == sequenceEnd && !vma.has(Vma.RANDOM)) {
      sequenceLength = Math.min(sequenceLength * 2, SEQUENCE_LIMIT);
      end = page + sequenceLength;
      if (sequenceLength == SEQUENCE_LIMIT) {
        end &= -SEQUENCE_LIMIT;
      }
    } else {
      sequenceLength = ANONYMOUS_BLOCK;
      start = page & -ANONYMOUS_BLOCK;
      end = start + ANONYMOUS_BLOCK;
    }
    start = firstOfGap(page, Math.max(start, vma.start() >>> Platform.PAGE_SHIFT));
    end = Math.min(end, vma.end() >>> Platform.PAGE_SHIFT);
    end = pages.next(page, end);
    sequenceEnd = end;
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
   * The first write to a page of a private file mapping: a copy of it, and of a program's pages in
   * the same block.
   */
  private FaultOutcome copyFromFile(Vma vma, long page) {
    if (!vma.has(Vma.PROGRAM)) {
      return copyPage(vma, page) ? FaultOutcome.RESOLVED : FaultOutcome.NO_PAGE;
    }
    long start = Math.max(page & -COPY_BLOCK, vma.start() >>> Platform.PAGE_SHIFT);
    long end = Math.min((page & -COPY_BLOCK) + COPY_BLOCK, vma.end() >>> Platform.PAGE_SHIFT);
    if (!copyPage(vma, page)) {
      return FaultOutcome.NO_PAGE;
    }
    for (long p = start; p < end; p++) {
      if (p != page && !Residency.own(pages.get(p)) && !copyPage(vma, p)) {
        break;
      }
    }
    return FaultOutcome.RESOLVED;
  }

  private boolean copyPage(Vma vma, long page) {
    long entry = pages.get(page);
    long source = Residency.frame(entry);
    if (entry == 0) {
      source = vma.backing().mappable().frame(vma.backingPage(page << Platform.PAGE_SHIFT), false);
      if (source == 0) {
        return false;
      }
    }
    try {
      pages.install(page, copyOf(source), vma.fullProtection(), true);
    } finally {
      if (entry == 0) {
        memory.release(source);
      }
    }
    return true;
  }

  /**
   * A write to a page that was shared by fork: takes it over if nobody else has it, copies it
   * otherwise.
   */
  private void unshare(Vma vma, long page) {
    long start = Math.max(page & -COPY_BLOCK, vma.start() >>> Platform.PAGE_SHIFT);
    long end = Math.min((page & -COPY_BLOCK) + COPY_BLOCK, vma.end() >>> Platform.PAGE_SHIFT);
    unsharePage(vma, page);
    for (long p = start; p < end; p++) {
      long e = pages.get(p);
      if (Residency.own(e) && (e & AddressSpace.WRITE) == 0) {
        unsharePage(vma, p);
      }
    }
    takeOverRest(vma, page);
  }

  private void unsharePage(Vma vma, long page) {
    long frame = Residency.frame(pages.get(page));
    if (memory.references(frame) == 1) {
      pages.setProtection(page, vma.fullProtection());
    } else {
      pages.install(page, copyOf(frame), vma.fullProtection(), true);
    }
  }

  /**
   * Makes the pages of the wider block that have become ours alone writable too, which costs no
   * copy.
   */
  private void takeOverRest(Vma vma, long page) {
    long start = Math.max(page & -FILE_BLOCK, vma.start() >>> Platform.PAGE_SHIFT);
    long end = Math.min((page & -FILE_BLOCK) + FILE_BLOCK, vma.end() >>> Platform.PAGE_SHIFT);
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

  private long copyOf(long source) {
    long copy = memory.allocate();
    MemorySegment whole = memory.whole();
    MemorySegment.copy(
        whole,
        source << Platform.PAGE_SHIFT,
        whole,
        copy << Platform.PAGE_SHIFT,
        Platform.PAGE_SIZE);
    return copy;
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

  /**
   * Maps what the page cache has of a file mapping, so that a program that is about to start faults
   * less.
   */
  void prefault(long start, long end) {
    Vma vma = state.vmas.find(start);
    if (vma == null || vma.backing() == null || !vma.accessible() || vma.shared()) {
      return;
    }
    long last = Math.min(end, vma.end()) >>> Platform.PAGE_SHIFT;
    for (long p = start >>> Platform.PAGE_SHIFT; p < last; p += FILE_BLOCK) {
      mapCached(vma, p, (int) Math.min(FILE_BLOCK, last - p));
    }
  }
}
