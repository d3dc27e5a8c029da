package io.loomvisor.platform.kvm.memory;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.kvm.ring0.Layout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.HashSet;
import java.util.Set;

/**
 * Four-level page tables (Intel SDM vol. 3, chapter 5), written by the host and walked by the CPU
 * (nested paging) or by KVM (shadow paging). Owned by one memory manager.
 *
 * <p>Accessed and dirty bits are always set, so nobody but this class ever stores to an entry.
 * Inner entries allow everything and change only in {@link #prune} once they point to a table
 * ({@link TableTree}). An entry of 2 MiB ({@link LargeEntries}) is made only where there has been
 * no table yet.
 */
public final class PageTables implements AddressSpace {
  private static final long NO_EXECUTE = 1L << 63;
  private static final long FRAME_MASK = 0x000F_FFFF_FFFF_F000L;
  private static final long PRESENT = TreePool.PRESENT;
  private static final long WRITABLE = TreePool.WRITABLE;
  private static final int LEAF_SHIFT = 12;
  private static final int REGION_SHIFT = 21;
  private static final int TOP_SHIFT = 39;
  private static final int USER_TOP_ENTRIES = 256;

  /**
   * So many empty leaf tables (1 MiB, for 512 MiB of address space) are worth making KVM forget
   * everything.
   */
  private static final int PRUNE_AT = 256;

  private static final int INDEX_BITS = 9;
  private static final int INDEX_MASK = 511;
  private static final VarHandle ENTRY = ValueLayout.JAVA_LONG.varHandle();

  private final MemoryFileImpl memory;
  private final MemorySegment bytes;
  private final TreePool pool;
  private final GuestTlb tlb;
  private final TableTree tree;
  private final FrameRanges stale = new FrameRanges();

  /** Where there may be entries: the tables of the tree that others have used are empty. */
  private final RegionSet used = new RegionSet();

  /** Null if only 4 KiB entries are wanted. */
  private final LargeEntries large;

  /** Where calls are posted; null: nowhere. Written by the owner. */
  private volatile CallPage callPage;

  /** An entry of 2 MiB has got less permission or is gone since the last flush. */
  private boolean largeTaken;

  private boolean closed;

  /** Leaf tables that unmapping has emptied since the last {@link #prune}, at most. */
  private int emptied;

  /** The leaf table found last, and which 2 MiB it covers; leaf tables never move. */
  private long cachedRegion = -1;

  private long cachedLeaf;

  /**
   * @param largeEntries whether to use entries of 2 MiB
   */
  public PageTables(MemoryFileImpl memory, TreePool pool, GuestTlb tlb, boolean largeEntries) {
    this.memory = memory;
    this.large = largeEntries ? new LargeEntries(memory, pool) : null;
    this.bytes = memory.whole();
    this.pool = pool;
    this.tlb = tlb;
    this.tree = pool.take();
  }

  /** Frame of the top-level table: CR3. Fixed for life, any thread. */
  public long root() {
    return tree.root();
  }

  /** Null if there is none. Any thread. */
  public CallPage callPage() {
    return callPage;
  }

  @Override
  public void openCallPage() {
    if (callPage != null || closed || memory.closed()) {
      return;
    }
    try {
      long frame = memory.allocate();
      try {
        map(Layout.CALL_PAGE, frame, 1, READ | WRITE);
      } catch (MemoryFile.OutOfMemoryException e) {
        memory.release(frame);
        return;
      }
      callPage = new CallPage(frame);
    } catch (MemoryFile.OutOfMemoryException e) {
      return; // calls come out as ever
    }
  }

  @Override
  public void map(long address, long frame, int pages, int protection) {
    checkRange(address, (long) pages << LEAF_SHIFT);
    if (frame <= MemoryFile.NO_FRAME || frame + pages > memory.frameLimit()) {
      throw new IndexOutOfBoundsException("frames " + frame + " + " + pages);
    }
    long entry = frame << LEAF_SHIFT | bits(protection);
    long at = address;
    int left = pages;
    while (left > 0) {
      if (large != null && LargeEntries.fits(at, entry & FRAME_MASK, left) && mapLarge(at, entry)) {
        at += LargeEntries.SPAN;
        entry += LargeEntries.SPAN;
        left -= LargeEntries.PAGES;
        continue;
      }
      long leaf = leaf(at);
      int index = (int) (at >>> LEAF_SHIFT) & INDEX_MASK;
      int here = Math.min(left, INDEX_MASK + 1 - index);
      fill(leaf + index * 8L, entry, here);
      entry += (long) here << LEAF_SHIFT;
      at += (long) here << LEAF_SHIFT;
      left -= here;
    }
  }

  /** One entry for 2 MiB, if nothing has been mapped there before. */
  private boolean mapLarge(long address, long entry) {
    long at = entryAt(address, REGION_SHIFT);
    long old = (long) ENTRY.get(bytes, at);
    boolean table = (old & PRESENT) != 0 && !LargeEntries.is(old);
    if (table || old == 0 && !large.deposit()) {
      return false;
    }
    used.add(address >>> REGION_SHIFT);
    storeLarge(at, entry | LargeEntries.LARGE);
    return true;
  }

  @Override
  public void unmap(long address, long length) {
    checkRange(address, length);
    if (memory.closed()) {
      return;
    }
    change(root() << LEAF_SHIFT, TOP_SHIFT, address, address + length, 0);
  }

  @Override
  public void protect(long address, long length, int protection) {
    checkRange(address, length);
    if (memory.closed()) {
      return;
    }
    long bits = protection == 0 ? 0 : bits(protection);
    change(root() << LEAF_SHIFT, TOP_SHIFT, address, address + length, bits);
  }

  /**
   * Gives the present leaf entries in [from, to) these bits; 0 removes them. Recursive over the
   * levels.
   */
  private void change(long table, int shift, long from, long to, long bits) {
    int first = (int) (from >>> shift) & INDEX_MASK;
    int last = (int) (to - 1 >>> shift) & INDEX_MASK;
    if (from >= to) {
      return;
    }
    for (int i = first; i <= last; i++) {
      long at = table + i * 8L;
      long entry = (long) ENTRY.get(bytes, at);
      if ((entry & PRESENT) == 0) {
        continue;
      }
      if (shift == LEAF_SHIFT) {
        store(at, bits == 0 ? 0 : entry & FRAME_MASK | bits);
      } else {
        long span = 1L << shift;
        long begin = i == first ? from : (from & -span) + (i - first) * span;
        long end = i == last ? to : (from & -span) + (i - first + 1) * span;
        if (LargeEntries.is(entry)) {
          if (end - begin == span) {
            changeLarge(at, entry, bits);
            continue;
          }
          entry = split(at);
        }
        change(entry & FRAME_MASK, shift - INDEX_BITS, begin, end, bits);
        if (bits == 0 && shift == REGION_SHIFT && end - begin == span) {
          emptied++;
        }
      }
    }
  }

  private void changeLarge(long at, long entry, long bits) {
    if (bits == 0) {
      storeLarge(at, 0);
      large.withdraw();
    } else {
      storeLarge(at, entry & FRAME_MASK | bits | LargeEntries.LARGE);
    }
  }

  private void storeLarge(long at, long entry) {
    long old = (long) ENTRY.get(bytes, at);
    if ((old & PRESENT) != 0 && !grants(entry, old)) {
      stale.add((old & FRAME_MASK) >>> LEAF_SHIFT, LargeEntries.PAGES);
      largeTaken = true;
    }
    ENTRY.setRelease(bytes, at, entry);
  }

  @Override
  public long lookup(long address, int protection) {
    if (address < 0 || address >= Platform.USER_SPACE_END || memory.closed()) {
      return MemoryFile.NO_FRAME;
    }
    long table = root() << LEAF_SHIFT;
    for (int shift = TOP_SHIFT; ; shift -= INDEX_BITS) {
      long entry = (long) ENTRY.get(bytes, table + (address >>> shift & INDEX_MASK) * 8);
      if ((entry & PRESENT) == 0) {
        return MemoryFile.NO_FRAME;
      }
      if (shift == LEAF_SHIFT || LargeEntries.is(entry)) {
        boolean allowed =
            ((protection & WRITE) == 0 || (entry & WRITABLE) != 0)
                && ((protection & EXEC) == 0 || (entry & NO_EXECUTE) == 0);
        long within = address & (1L << shift) - 1;
        return allowed ? (entry & FRAME_MASK) + within >>> LEAF_SHIFT : MemoryFile.NO_FRAME;
      }
      table = entry & FRAME_MASK;
    }
  }

  @Override
  public void flush() {
    if (memory.closed()) {
      return;
    }
    if (!stale.isEmpty()) {
      // Stores before looking at who runs: a vCPU that starts after the look walks the new entries.
      VarHandle.fullFence();
      tlb.quiesce(root());
      stale.drain(tlb::zap);
    }
    if (largeTaken) {
      largeTaken = false;
      tlb.forgetShape();
    }
    if (emptied >= PRUNE_AT && !closed) {
      prune();
    }
  }

  @Override
  public void barrier() {
    VarHandle.fullFence();
    tlb.barrier(root());
  }

  /**
   * Gives empty leaf tables back. Inner entries change here, which KVM need not notice: so it is
   * made to forget everything before the frames get another use.
   */
  private void prune() {
    emptied = 0;
    cachedRegion = -1;
    Set<Long> unused = new HashSet<>();
    for (int i = 0; i < USER_TOP_ENTRIES; i++) {
      collectEmpty(root() << LEAF_SHIFT, i, TOP_SHIFT, unused);
    }
    if (unused.isEmpty()) {
      return;
    }
    VarHandle.fullFence();
    tlb.zapEverything();
    tree.removeAll(unused);
    unused.forEach(memory::release);
  }

  /** Unlinks the empty leaf tables below one entry; recursive over the inner levels. */
  private void collectEmpty(long table, int index, int shift, Set<Long> unused) {
    long at = table + index * 8L;
    long entry = (long) ENTRY.get(bytes, at);
    if ((entry & PRESENT) == 0) {
      return;
    }
    long below = entry & FRAME_MASK;
    if (shift > REGION_SHIFT) {
      for (int i = 0; i <= INDEX_MASK; i++) {
        collectEmpty(below, i, shift - INDEX_BITS, unused);
      }
    } else if (!LargeEntries.is(entry) && isEmpty(below)) {
      ENTRY.setRelease(bytes, at, 0L);
      unused.add(below >>> LEAF_SHIFT);
    }
  }

  private boolean isEmpty(long table) {
    for (int i = 0; i <= INDEX_MASK; i++) {
      if ((long) ENTRY.get(bytes, table + i * 8L) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (memory.closed()) {
      return;
    }
    used.forEach(region -> unmap(region << REGION_SHIFT, 1L << REGION_SHIFT));
    flush();
    if (callPage != null) {
      memory.release(callPage.frame());
    }
    pool.give(tree);
  }

  /**
   * The leaf table for {@code address}, made with its path if absent; its offset in the memory
   * file.
   */
  private long leaf(long address) {
    long region = address >>> REGION_SHIFT;
    if (region == cachedRegion) {
      return cachedLeaf;
    }
    cachedLeaf = tableBelow(entryAt(address, REGION_SHIFT));
    cachedRegion = region;
    used.add(region);
    return cachedLeaf;
  }

  /** Where the entry of that level for {@code address} lies; the path to it is made if absent. */
  private long entryAt(long address, int level) {
    long table = root() << LEAF_SHIFT;
    for (int shift = TOP_SHIFT; ; shift -= INDEX_BITS) {
      long at = table + (address >>> shift & INDEX_MASK) * 8;
      if (shift == level) {
        return at;
      }
      table = tableBelow(at);
    }
  }

  /** At once, not with the next flush: an upgrade of a part is not flushed. */
  private long split(long at) {
    long entry = large.split(at, tree);
    VarHandle.fullFence();
    tlb.forgetShape();
    return entry;
  }

  /** The table that an inner entry points to, made if absent. */
  private long tableBelow(long at) {
    long entry = (long) ENTRY.get(bytes, at);
    if ((entry & PRESENT) == 0) {
      long frame = pool.allocateTable();
      tree.add(frame);
      entry = frame << LEAF_SHIFT | TreePool.TABLE_BITS;
      ENTRY.setRelease(bytes, at, entry);
    } else if (LargeEntries.is(entry)) {
      entry = split(at);
    }
    return entry & FRAME_MASK;
  }

  /** A method of its own, so that it is compiled before a large mapping is done. */
  private void fill(long at, long entry, int count) {
    for (int i = 0; i < count; i++) {
      store(at + i * 8L, entry + (long) i * Platform.PAGE_SIZE);
    }
  }

  private void store(long at, long entry) {
    long old = (long) ENTRY.get(bytes, at);
    if (old == entry) {
      return;
    }
    if ((old & PRESENT) != 0 && !grants(entry, old)) {
      stale.add((old & FRAME_MASK) >>> LEAF_SHIFT, 1);
    }
    ENTRY.setRelease(bytes, at, entry);
  }

  /** {@code now} allows everything that {@code old} allowed, on the same frame. */
  private static boolean grants(long now, long old) {
    return (now & PRESENT) != 0
        && (now & FRAME_MASK) == (old & FRAME_MASK)
        && ((old & WRITABLE) == 0 || (now & WRITABLE) != 0)
        && ((old & NO_EXECUTE) != 0 || (now & NO_EXECUTE) == 0);
  }

  private static long bits(int protection) {
    return PRESENT
        | TreePool.USER
        | TreePool.ACCESSED_DIRTY
        | ((protection & WRITE) != 0 ? WRITABLE : 0)
        | ((protection & EXEC) != 0 ? 0 : NO_EXECUTE);
  }

  private static void checkRange(long address, long length) {
    if ((address & Platform.PAGE_SIZE - 1) != 0
        || (length & Platform.PAGE_SIZE - 1) != 0
        || address < 0
        || length < 0
        || address > Platform.USER_SPACE_END - length) {
      throw new IllegalArgumentException(
          "range " + Long.toHexString(address) + " + " + Long.toHexString(length));
    }
  }
}
