package io.loomvisor.task.memory;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;

/**
 * Which frames are at which pages of one address space. Holds one reference to each, and keeps the
 * page tables in step. Belongs to the memory manager's actor.
 *
 * <pre>
 *   63                    8   3  2 1 0
 *  | frame number          | . |A|X|W|R|    A: a page of this address space alone (copy-on-write), not of a backing
 * </pre>
 *
 * R, W and X are what the page tables grant now, which may be less than the VMA does. No bit at
 * all: the page is resident but not mapped (PROT_NONE).
 */
final class Residency {
  static final int OWN = 8;
  private static final int PROTECTION = AddressSpace.READ | AddressSpace.WRITE | AddressSpace.EXEC;
  private static final int FRAME_SHIFT = 8;

  private final MemoryFile memory;
  private final AddressSpace space;
  private final PageMap pages = new PageMap();
  private final FrameBin bin = new FrameBin();
  private boolean downgraded;
  private long peak;

  Residency(MemoryFile memory, AddressSpace space) {
    this.memory = memory;
    this.space = space;
  }

  static long frame(long entry) {
    return entry >>> FRAME_SHIFT;
  }

  static int protection(long entry) {
    return (int) entry & PROTECTION;
  }

  static boolean own(long entry) {
    return (entry & OWN) != 0;
  }

  private static long entry(long frame, int bits) {
    return frame << FRAME_SHIFT | bits;
  }

  AddressSpace space() {
    return space;
  }

  MemoryFile memory() {
    return memory;
  }

  /** Pages resident. */
  long size() {
    return pages.size();
  }

  /** The most pages that were ever resident. */
  long peak() {
    return peak;
  }

  /** The entry of {@code page}, 0 if it is not resident. */
  long get(long page) {
    return pages.get(page);
  }

  /** First resident page in [page, end), else {@code end}. */
  long next(long page, long end) {
    return pages.next(page, end);
  }

  /**
   * Puts {@code frame} at {@code page}, in place of what is there. Takes over the caller's
   * reference.
   */
  void install(long page, long frame, int protection, boolean own) {
    long old = pages.set(page, entry(frame, own ? protection | OWN : protection));
    if (old != 0) {
      if (frame(old) == frame) {
        memory.release(frame);
      } else {
        bin.add(frame(old));
      }
      downgraded |=
          frame(old) != frame && protection(old) != 0 || (protection(old) & ~protection) != 0;
    }
    if (protection != 0) {
      space.map(page << Platform.PAGE_SHIFT, frame, 1, protection);
    } else if (old != 0 && protection(old) != 0) {
      space.unmap(page << Platform.PAGE_SHIFT, Platform.PAGE_SIZE);
    }
    peak = Math.max(peak, pages.size());
  }

  /**
   * Puts {@code count} consecutive frames at pages that are all absent. Takes over the references.
   */
  void installRun(long page, long frame, int count, int protection, boolean own) {
    int bits = own ? protection | OWN : protection;
    for (int i = 0; i < count; i++) {
      pages.set(page + i, entry(frame + i, bits));
    }
    if (protection != 0) {
      space.map(page << Platform.PAGE_SHIFT, frame, count, protection);
    }
    peak = Math.max(peak, pages.size());
  }

  /**
   * Puts {@code count} consecutive frames in place of others of this address space alone. Takes
   * over the references.
   */
  void replaceRun(long page, long frame, int count, int protection) {
    for (int i = 0; i < count; i++) {
      long old = pages.set(page + i, entry(frame + i, protection | OWN));
      bin.add(frame(old));
      downgraded |= protection(old) != 0;
    }
    space.map(page << Platform.PAGE_SHIFT, frame, count, protection);
  }

  /**
   * Puts those of {@code frames} that are not 0 at the pages from {@code page} on that are absent;
   * gives back the others. Takes over the references.
   */
  void installAbsent(long page, long[] frames, int count, int protection) {
    int i = 0;
    try {
      while (i < count) {
        if (frames[i] == 0 || pages.get(page + i) != 0) {
          giveBack(frames, i, i + 1);
          i++;
          continue;
        }
        int n = 1;
        while (i + n < count && frames[i + n] == frames[i] + n && pages.get(page + i + n) == 0) {
          n++;
        }
        int first = i;
        i += n;
        installRun(page + first, frames[first], n, protection, false);
      }
    } finally { // also if there is no frame left for a table
      giveBack(frames, i, count);
    }
  }

  private void giveBack(long[] frames, int from, int to) {
    for (int i = from; i < to; i++) {
      if (frames[i] != 0) {
        memory.release(frames[i]);
      }
    }
  }

  /** Maps once more what is there, for a fault that found everything in order. */
  void refresh(long page) {
    long e = pages.get(page);
    space.map(page << Platform.PAGE_SHIFT, frame(e), 1, protection(e));
  }

  /** Without a frame for a table the page stays resident, and the next fault maps it. */
  private void mapIfRoom(long page, long entry) {
    try {
      space.map(page << Platform.PAGE_SHIFT, frame(entry), 1, protection(entry));
    } catch (MemoryFile.OutOfMemoryException e) {
      assert pages.get(page) == entry;
    }
  }

  /** Changes the permission of one resident page. */
  void setProtection(long page, int protection) {
    setProtection(page, 1, protection);
  }

  /**
   * Gives {@code count} resident pages this permission. More permission is mapped in runs of
   * consecutive frames, less is a downgrade.
   */
  void setProtection(long page, int count, int protection) {
    boolean absentInTables = false;
    for (int i = 0; i < count; i++) {
      long e = pages.get(page + i);
      absentInTables |= protection(e) == 0;
      downgraded |= (protection(e) & ~protection) != 0;
      pages.set(page + i, e & ~(long) PROTECTION | protection);
    }
    if (protection != 0 && absentInTables) {
      mapRuns(page, count, protection);
    } else {
      space.protect(page << Platform.PAGE_SHIFT, (long) count << Platform.PAGE_SHIFT, protection);
    }
  }

  private void mapRuns(long page, int count, int protection) {
    int i = 0;
    while (i < count) {
      long frame = frame(pages.get(page + i));
      int n = 1;
      while (i + n < count && frame(pages.get(page + i + n)) == frame + n) {
        n++;
      }
      space.map(page + i << Platform.PAGE_SHIFT, frame, n, protection);
      i += n;
    }
  }

  /**
   * Brings every resident page of {@code vma} (a new version of it) to what the VMA grants. Pages
   * that others see too stay read-only until they are written to.
   */
  void applyProtection(Vma vma) {
    long end = vma.end() >>> Platform.PAGE_SHIFT;
    long p = pages.next(vma.start() >>> Platform.PAGE_SHIFT, end);
    while (p < end) {
      int wanted = protectionFor(vma, pages.get(p));
      int count = 1;
      boolean change = protection(pages.get(p)) != wanted;
      while (p + count < end && count < 1 << 20) {
        long e = pages.get(p + count);
        if (e == 0 || protectionFor(vma, e) != wanted) {
          break;
        }
        change |= protection(e) != wanted;
        count++;
      }
      if (change) {
        setProtection(p, count, wanted);
      }
      p = pages.next(p + count, end);
    }
  }

  private int protectionFor(Vma vma, long entry) {
    boolean mayWrite =
        (entry & AddressSpace.WRITE) != 0 || own(entry) && memory.references(frame(entry)) == 1;
    return mayWrite ? vma.fullProtection() : vma.readProtection();
  }

  /** Takes out the pages of [start, end) (addresses). */
  void drop(long start, long end) {
    long last = end >>> Platform.PAGE_SHIFT;
    boolean any = false;
    for (long p = pages.next(start >>> Platform.PAGE_SHIFT, last);
        p < last;
        p = pages.next(p + 1, last)) {
      long e = pages.clear(p);
      bin.add(frame(e));
      any |= protection(e) != 0;
    }
    if (any) {
      space.unmap(start, end - start);
      downgraded = true;
    }
  }

  /** As {@link #drop} for pages that come from the backing only. */
  void dropBacked(long start, long end) {
    long last = end >>> Platform.PAGE_SHIFT;
    for (long p = pages.next(start >>> Platform.PAGE_SHIFT, last);
        p < last;
        p = pages.next(p + 1, last)) {
      if (!own(pages.get(p))) {
        drop(p << Platform.PAGE_SHIFT, p + 1 << Platform.PAGE_SHIFT);
      }
    }
  }

  /** Moves the pages of [from, from + length) to {@code to}, where nothing is resident. */
  void move(long from, long to, long length) {
    long end = from + length >>> Platform.PAGE_SHIFT;
    long delta = (to >>> Platform.PAGE_SHIFT) - (from >>> Platform.PAGE_SHIFT);
    boolean any = false;
    for (long p = pages.next(from >>> Platform.PAGE_SHIFT, end);
        p < end;
        p = pages.next(p + 1, end)) {
      long e = pages.clear(p);
      pages.set(p + delta, e);
      if (protection(e) != 0) {
        any = true;
        mapIfRoom(p + delta, e);
      }
    }
    if (any) {
      space.unmap(from, length);
      downgraded = true;
    }
  }

  /**
   * Whether the address space has at most {@code limit} pages that it may store to and that fork
   * would have to protect.
   */
  boolean fewWritable(VmaList vmas, int limit) {
    WritableCount count = new WritableCount(limit);
    for (int i = 0; i < vmas.size() && count.left >= 0; i++) {
      Vma v = vmas.at(i);
      if (!v.shared()) {
        pages.visit(v.start() >>> Platform.PAGE_SHIFT, v.end() >>> Platform.PAGE_SHIFT, count);
      }
    }
    return count.left >= 0;
  }

  private static final class WritableCount implements PageMap.LeafVisitor {
    private int left;

    WritableCount(int limit) {
      left = limit;
    }

    @Override
    public void visit(long first, long[] entries, int from, int to) {
      for (int i = from; i < to && left >= 0; i++) {
        left -= (entries[i] & AddressSpace.WRITE) != 0 ? 1 : 0;
      }
    }
  }

  /**
   * fork(2): gives {@code child} the pages of {@code vma}, each with a reference of its own. Pages
   * of a private VMA become read-only on both sides; with {@code copy} the child gets copies of
   * those that may be written, and these stay as they are.
   */
  void share(Vma vma, Residency child, boolean copy) {
    SharedRun run = new SharedRun(child, !vma.shared(), copy);
    try {
      pages.visit(
          vma.start() >>> Platform.PAGE_SHIFT, vma.end() >>> Platform.PAGE_SHIFT, run::share);
      run.install();
    } finally { // also if there is no frame left for the child's tables
      if (run.tookWrite) {
        space.protect(vma.start(), vma.length(), vma.readProtection());
        downgraded = true;
      }
    }
  }

  /** Pages for the child with consecutive frames and equal bits. */
  private final class SharedRun {
    private final Residency child;
    private final boolean copyOnWrite;
    private final boolean copyNow;
    private boolean tookWrite;
    private long page;
    private long frame;
    private int bits;
    private int count;

    SharedRun(Residency child, boolean copyOnWrite, boolean copyNow) {
      this.child = child;
      this.copyOnWrite = copyOnWrite;
      this.copyNow = copyOnWrite && copyNow;
    }

    /** See {@link PageMap.LeafVisitor}. */
    void share(long first, long[] entries, int from, int to) {
      for (int i = from; i < to; i++) {
        long e = entries[i];
        if (e == 0) {
          continue;
        }
        if ((e & AddressSpace.WRITE) != 0 && copyNow) {
          int n = 1;
          while (i + n < to && (entries[i + n] & AddressSpace.WRITE) != 0) {
            n++;
          }
          copy(first + i, entries, i, n);
          i += n - 1;
          continue;
        }
        if (copyOnWrite && (e & AddressSpace.WRITE) != 0) {
          tookWrite = true;
          e &= ~(long) AddressSpace.WRITE;
          entries[i] = e;
        }
        add(first + i, e);
      }
    }

    private void copy(long firstPage, long[] entries, int from, int pages) {
      install();
      long copies = memory.allocateToFill(pages);
      for (int i = 0; i < pages; i++) {
        BackedFaults.copyFrame(memory, frame(entries[from + i]), copies + i);
      }
      child.installRun(firstPage, copies, pages, protection(entries[from]), true);
    }

    private void add(long newPage, long entry) {
      int newBits = (int) entry & (PROTECTION | OWN);
      boolean continues =
          count > 0 && newPage == page + count && frame(entry) == frame + count && newBits == bits;
      if (!continues) {
        install();
        page = newPage;
        frame = frame(entry);
        bits = newBits;
      }
      memory.retain(frame(entry));
      count++;
    }

    void install() {
      int n = count;
      count = 0;
      if (n > 0) {
        child.installRun(page, frame, n, bits & PROTECTION, (bits & OWN) != 0);
      }
    }
  }

  /**
   * Makes downgrades take effect and gives frames back. Ends every operation that may have taken
   * something away.
   */
  void settle() {
    if (downgraded) {
      downgraded = false;
      space.flush();
    }
    if (!bin.isEmpty()) {
      bin.releaseAll(memory);
    }
  }

  private void discard(long first, long[] entries, int from, int to) {
    for (int i = from; i < to; i++) {
      if (entries[i] != 0) {
        bin.add(frame(entries[i]));
      }
    }
  }

  /** The address space ends: tables first, then frames. */
  void close() {
    pages.visit(0, PageMap.LIMIT, this::discard);
    pages.clearAll();
    downgraded = false;
    space.close();
    bin.releaseAll(memory);
  }
}
