package io.loomvisor.task.memory;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.task.MemoryPolicy;

/**
 * One virtual memory area: a range of addresses with one protection and one backing. Immutable;
 * splitting and changing make new ones. Both ends are page-aligned.
 *
 * @param protection PROT_ bits
 * @param flags an OR of the constants here
 * @param backing null for private anonymous memory
 * @param offset byte offset in the backing of {@code start}; 0 without one
 */
public record Vma(long start, long end, int protection, int flags, Backing backing, long offset) {
  /** Writes go to the backing. */
  public static final int SHARED = 1;

  /** mprotect(2) may add PROT_WRITE. */
  public static final int MAY_WRITE = 1 << 1;

  public static final int MAY_EXEC = 1 << 2;
  public static final int MAY_READ = 1 << 3;
  public static final int GROWS_DOWN = 1 << 4;

  /** madvise(MADV_DONTFORK). */
  public static final int DONT_FORK = 1 << 5;

  /** madvise(MADV_WIPEONFORK). */
  public static final int WIPE_ON_FORK = 1 << 6;

  public static final int LOCKED = 1 << 7;
  public static final int NO_RESERVE = 1 << 8;

  /** mremap(2) must not grow it: the kernel's own mappings. */
  public static final int DONT_EXPAND = 1 << 9;

  /** madvise(MADV_DONTDUMP). */
  public static final int DONT_DUMP = 1 << 10;

  /** madvise(MADV_NOHUGEPAGE), so that it shows in smaps and hinders merging. */
  public static final int NO_HUGE = 1 << 11;

  public static final int HUGE = 1 << 12;

  /** Faults come at random places (MADV_RANDOM): no fault-around for memory without a file. */
  public static final int RANDOM = 1 << 13;

  public static final int SEQUENTIAL = 1 << 14;

  /** A program or library (MAP_DENYWRITE, MAP_EXECUTABLE): nobody expects its file to change. */
  public static final int PROGRAM = 1 << 15;

  /** mseal(2): it stays as it is for good. */
  public static final int SEALED = 1 << 22;

  private static final int POLICY_SHIFT = 16;
  private static final int POLICY_MASK = (1 << MemoryPolicy.BITS) - 1 << POLICY_SHIFT;

  /** What private anonymous memory starts with. */
  static final int MAY_ALL = MAY_READ | MAY_WRITE | MAY_EXEC;

  public long length() {
    return end - start;
  }

  public boolean contains(long address) {
    return address >= start && address < end;
  }

  public boolean shared() {
    return has(SHARED);
  }

  public boolean writable() {
    return (protection & MemoryFlags.PROT_WRITE) != 0;
  }

  public boolean executable() {
    return (protection & MemoryFlags.PROT_EXEC) != 0;
  }

  /** x86 pages with any permission can be read. */
  public boolean accessible() {
    return (protection & MemoryFlags.PROT_MASK) != 0;
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** Set by mbind(2). */
  MemoryPolicy policy() {
    return MemoryPolicy.unpacked((flags & POLICY_MASK) >>> POLICY_SHIFT);
  }

  static int withPolicy(int flags, MemoryPolicy policy) {
    return flags & ~POLICY_MASK | policy.packed() << POLICY_SHIFT;
  }

  /** Private, writable and not a stack: what RLIMIT_DATA counts (Linux: is_data_mapping). */
  boolean isData() {
    return writable() && !has(SHARED | GROWS_DOWN);
  }

  /** Index in the backing of the page at {@code address}. */
  long backingPage(long address) {
    return offset + (address - start) >>> 12;
  }

  /** Page-table permission of a page that may not be written yet. */
  int readProtection() {
    if (!accessible()) {
      return 0;
    }
    return executable() ? AddressSpace.READ | AddressSpace.EXEC : AddressSpace.READ;
  }

  /** Page-table permission of a page that is the VMA's own. */
  int fullProtection() {
    return writable() ? readProtection() | AddressSpace.WRITE : readProtection();
  }

  /** The part [from, to) of this. */
  Vma slice(long from, long to) {
    return new Vma(
        from, to, protection, flags, backing, backing == null ? 0 : offset + (from - start));
  }

  Vma withProtection(int newProtection) {
    return new Vma(start, end, newProtection, flags, backing, offset);
  }

  Vma withFlags(int newFlags) {
    return new Vma(start, end, protection, newFlags, backing, offset);
  }

  /** The same memory at another place; {@code length} may differ. */
  Vma movedTo(long address, long length) {
    return new Vma(address, address + length, protection, flags, backing, offset);
  }

  boolean mergesWith(Vma next) {
    return end == next.start
        && protection == next.protection
        && flags == next.flags
        && backing == next.backing
        && (backing == null || offset + length() == next.offset);
  }

  Vma mergedWith(Vma next) {
    return new Vma(start, next.end, protection, flags, backing, offset);
  }
}
