package io.loomvisor.platform.kvm.memory;

import io.loomvisor.platform.MemoryFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The page directory entries of one address space that map 2 MiB each (Intel SDM vol. 3, table
 * 5-18).
 *
 * <p>For every such entry a frame lies ready that becomes its table if a part of the 2 MiB is
 * changed: unmapping and protecting must not fail for want of memory (Linux:
 * pgtable_trans_huge_deposit).
 */
final class LargeEntries {
  static final int PAGES = 512;
  static final long SPAN = (long) PAGES << 12;

  /** The bit that says that the entry maps 2 MiB; of a page directory entry only. */
  static final long LARGE = 0x80;

  private static final VarHandle ENTRY = ValueLayout.JAVA_LONG.varHandle();

  private final MemoryFile memory;
  private final MemorySegment bytes;
  private final TreePool pool;
  private long[] deposits = new long[4];
  private int count;

  LargeEntries(MemoryFile memory, TreePool pool) {
    this.memory = memory;
    this.bytes = memory.whole();
    this.pool = pool;
  }

  /** Whether {@code entry}, of whatever level above the last, maps 2 MiB. */
  static boolean is(long entry) {
    return (entry & LARGE) != 0;
  }

  /** Whether {@code left} pages from {@code address} on can begin with an entry of 2 MiB. */
  static boolean fits(long address, long physical, int left) {
    return left >= PAGES && ((address | physical) & SPAN - 1) == 0;
  }

  /** Makes a table ready for one more entry; false if there is no memory for it. */
  boolean deposit() {
    try {
      if (count == deposits.length) {
        deposits = Arrays.copyOf(deposits, count * 2);
      }
      deposits[count] = pool.allocateTable();
      count++;
      return true;
    } catch (MemoryFile.OutOfMemoryException e) {
      return false;
    }
  }

  /** An entry is gone. Its deposit was never a table, so the frame may be used for anything. */
  void withdraw() {
    memory.release(deposits[--count]);
  }

  /**
   * Replaces the entry at {@code at} by a table whose entries map the same: no translation becomes
   * stale by that, but KVM may have to be told of the table ({@link GuestTlb#forgetShape}).
   *
   * @return the new entry
   */
  long split(long at, TableTree tree) {
    long entry = (long) ENTRY.get(bytes, at);
    long table = deposits[--count];
    long page = entry & ~LARGE;
    for (int i = 0; i < PAGES; i++) {
      bytes.set(ValueLayout.JAVA_LONG, (table << 12) + i * 8L, page + ((long) i << 12));
    }
    tree.add(table);
    long inner = table << 12 | TreePool.TABLE_BITS;
    ENTRY.setRelease(bytes, at, inner);
    return inner;
  }
}
