package io.loomvisor.task.memory;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import io.loomvisor.vfs.cache.Mappable;
import java.lang.foreign.MemorySegment;

/**
 * Faults in mappings of files and of shared memory. Each brings along what the page cache has
 * around the page ({@link Mappable#cached}), which is never more than anybody could find out:
 *
 * <ul>
 *   <li>a private mapping, or a shared one that is read, gets its neighbours read-only, so that the
 *       first store to each is still a fault;
 *   <li>a shared one that is written gets those neighbours writable whose file need not know which
 *       of them are stored to.
 * </ul>
 *
 * <p>Belongs to the memory manager's actor.
 */
final class BackedFaults {
  /** Pages that one fault maps at most at a random place: one aligned block. */
  static final int BLOCK = 64;

  /** The most that a fault in a sequence maps, and a fault in a program. */
  private static final int LIMIT = 512;

  /** Pages of a program's writable part that one fault copies: an aligned block. */
  private static final int COPY_BLOCK = 8;

  /**
   * The writable part of a program, if it has at most so many pages, is copied at the first touch:
   * it is going to be written. Other private mappings must see what is written to the file until
   * they are written themselves, page by page.
   */
  private static final int SMALL_DATA = 16;

  private final Residency pages;
  private final MemoryFile memory;
  private final long[] frames = new long[LIMIT];

  /** The window of the last fault: a fault in it or right behind it goes on with a longer one. */
  private long windowStart;

  private long windowEnd;

  /** Pages of it before it was cut to its mapping. */
  private int windowLength;

  BackedFaults(Residency pages) {
    this.pages = pages;
    this.memory = pages.memory();
  }

  /** A page that is not the address space's own, of a private or shared mapping. */
  FaultOutcome resolve(Vma vma, long page, long entry, boolean write) {
    if (write && vma.shared()) {
      return share(vma, page);
    }
    if (write || isSmallData(vma)) {
      return copy(vma, page);
    }
    if (entry != 0) {
      pages.setProtection(page, vma.readProtection());
      return FaultOutcome.RESOLVED;
    }
    long frame = frame(vma, page, false);
    if (frame == 0) {
      return FaultOutcome.NO_PAGE;
    }
    pages.install(page, frame, vma.readProtection(), false);
    moveWindow(vma, page);
    long first = page;
    while (first > windowStart && pages.get(first - 1) == 0) {
      first--;
    }
    mapCached(vma, first, page);
    mapCached(vma, page + 1, pages.next(page + 1, windowEnd));
    return FaultOutcome.RESOLVED;
  }

  private static boolean isSmallData(Vma vma) {
    return !vma.shared()
        && vma.has(Vma.PROGRAM)
        && vma.writable()
        && vma.length() >>> Platform.PAGE_SHIFT <= SMALL_DATA;
  }

  private static long frame(Vma vma, long page, boolean write) {
    return vma.backing().mappable().frame(vma.backingPage(page << Platform.PAGE_SHIFT), write);
  }

  /** Sets the window for a fault at {@code page}. */
  private void moveWindow(Vma vma, long page) {
    boolean goesOn = page >= windowEnd && page < windowEnd + windowLength && !vma.has(Vma.RANDOM);
    boolean begins = page == vma.start() >>> Platform.PAGE_SHIFT && !vma.has(Vma.RANDOM);
    if (vma.has(Vma.PROGRAM)) {
      windowLength = LIMIT;
      windowStart = page & -LIMIT;
    } else if (begins) {
      windowLength = LIMIT; // who begins at the beginning is likely to go on
      windowStart = page;
    } else if (goesOn) {
      windowLength = Math.min(windowLength * 2, LIMIT);
      windowStart = page;
    } else {
      windowLength = BLOCK;
      windowStart = page & -BLOCK;
    }
    windowEnd = Math.min(windowStart + windowLength, vma.end() >>> Platform.PAGE_SHIFT);
    windowStart = Math.max(windowStart, vma.start() >>> Platform.PAGE_SHIFT);
  }

  /** Maps what the cache has of [page, end), where nothing is resident, read-only. */
  private void mapCached(Vma vma, long page, long end) {
    if (page < end) {
      int count = fetch(vma, page, end, false);
      pages.installAbsent(page, frames, count, vma.readProtection());
    }
  }

  /** Has {@link #frames} filled with what is at hand of [page, end); how many these are. */
  private int fetch(Vma vma, long page, long end, boolean write) {
    int count = (int) (end - page);
    vma.backing()
        .mappable()
        .cached(vma.backingPage(page << Platform.PAGE_SHIFT), count, frames, write);
    return count;
  }

  /** A store to a shared mapping. */
  private FaultOutcome share(Vma vma, long page) {
    long frame = frame(vma, page, true);
    if (frame == 0) {
      return FaultOutcome.NO_PAGE;
    }
    pages.install(page, frame, vma.fullProtection(), false);
    moveWindow(vma, page);
    int count = fetch(vma, windowStart, windowEnd, true);
    for (int i = 0; i < count; i++) {
      long entry = pages.get(windowStart + i);
      if (frames[i] != 0 && entry != 0) {
        if ((entry & AddressSpace.WRITE) == 0 && Residency.frame(entry) == frames[i]) {
          pages.setProtection(windowStart + i, vma.fullProtection());
        }
        memory.release(frames[i]);
        frames[i] = 0;
      }
    }
    pages.installAbsent(windowStart, frames, count, vma.fullProtection());
    return FaultOutcome.RESOLVED;
  }

  /**
   * The first write to a page of a private mapping: a copy of it, and of a program's pages in the
   * same block.
   */
  private FaultOutcome copy(Vma vma, long page) {
    if (!copyPage(vma, page)) {
      return FaultOutcome.NO_PAGE;
    }
    if (!vma.has(Vma.PROGRAM)) {
      return FaultOutcome.RESOLVED;
    }
    long start = vma.start() >>> Platform.PAGE_SHIFT;
    long end = vma.end() >>> Platform.PAGE_SHIFT;
    if (!isSmallData(vma)) {
      start = Math.max(page & -COPY_BLOCK, start);
      end = Math.min((page & -COPY_BLOCK) + COPY_BLOCK, end);
    }
    for (long p = start; p < end; p++) {
      if (p != page && !Residency.own(pages.get(p)) && !copyPage(vma, p)) {
        break;
      }
    }
    return FaultOutcome.RESOLVED;
  }

  /** A copy of the page of a private mapping; false if there is no such page. */
  boolean copyPage(Vma vma, long page) {
    long entry = pages.get(page);
    long source = Residency.frame(entry);
    if (entry == 0) {
      source = frame(vma, page, false);
      if (source == 0) {
        return false;
      }
    }
    try {
      pages.install(page, copyOf(memory, source), vma.fullProtection(), true);
    } finally {
      if (entry == 0) {
        memory.release(source);
      }
    }
    return true;
  }

  static long copyOf(MemoryFile memory, long source) {
    long copy = memory.allocateToFill(1);
    copyFrame(memory, source, copy);
    return copy;
  }

  static void copyFrame(MemoryFile memory, long source, long target) {
    MemorySegment whole = memory.whole();
    MemorySegment.copy(
        whole,
        source << Platform.PAGE_SHIFT,
        whole,
        target << Platform.PAGE_SHIFT,
        Platform.PAGE_SIZE);
  }

  /**
   * A mapping is new: what the cache has of its beginning is mapped at once, since that costs less
   * than the fault that is to be expected. A program's pages are mapped when they have got their
   * place (MAP_FIXED): the loader reserves the whole first, with a mapping that it then covers but
   * for the beginning. Where memory is short the faults will tell.
   *
   * @param below what lies right below it, or null
   */
  void mapAhead(Vma vma, Vma below, boolean placed) {
    boolean stored = vma.shared() && vma.writable();
    if (vma.backing() == null || !vma.accessible() || stored) {
      return;
    }
    try {
      if (!vma.has(Vma.PROGRAM)) {
        mapBeginning(vma, BLOCK);
      } else if (placed) {
        boolean rest =
            below != null
                && below.backing() == vma.backing()
                && below.accessible()
                && !below.writable()
                && pages.get(below.start() >>> Platform.PAGE_SHIFT) == 0;
        if (rest) {
          mapBeginning(below, LIMIT);
        }
        mapBeginning(vma, LIMIT);
      }
    } catch (MemoryFile.OutOfMemoryException e) {
      return; // mapping itself has succeeded
    }
  }

  private void mapBeginning(Vma vma, int most) {
    long first = vma.start() >>> Platform.PAGE_SHIFT;
    long end = Math.min(vma.end() >>> Platform.PAGE_SHIFT, first + most);
    if (isSmallData(vma)) {
      copyCached(vma, first, end);
    } else {
      mapCached(vma, first, pages.next(first, end));
    }
  }

  private void copyCached(Vma vma, long first, long end) {
    int count = fetch(vma, first, end, false);
    int i = 0;
    try {
      for (; i < count; i++) {
        if (frames[i] != 0) {
          pages.install(first + i, copyOf(memory, frames[i]), vma.fullProtection(), true);
          memory.release(frames[i]);
        }
      }
    } finally {
      for (; i < count; i++) {
        if (frames[i] != 0) {
          memory.release(frames[i]);
        }
      }
    }
  }
}
