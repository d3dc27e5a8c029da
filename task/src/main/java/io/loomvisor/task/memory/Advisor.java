package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.MemoryPolicy;
import io.loomvisor.task.process.ResourceLimits;
import java.util.function.UnaryOperator;

/**
 * madvise(2), mlock(2) and msync(2) on the state of one address space. Belongs to the manager's
 * actor.
 */
final class Advisor {
  private final AddressSpaceState state;
  private final VmaList vmas;
  private final Pager pager;

  Advisor(AddressSpaceState state, Pager pager) {
    this.state = state;
    this.vmas = state.vmas;
    this.pager = pager;
  }

  void advise(long address, long length, int advice) {
    if (advice < 0
        || advice > MemoryFlags.MADV_COLLAPSE
        || advice > 4 && advice < MemoryFlags.MADV_FREE) {
      throw Errno.EINVAL.exception();
    }
    long size = AddressSpaceState.alignUp(length);
    long end = address + size;
    if ((address & Platform.PAGE_SIZE - 1) != 0
        || size == 0 && length != 0
        || Long.compareUnsigned(end, address) < 0) {
      throw Errno.EINVAL.exception();
    }
    if (size == 0) {
      return;
    }
    if (address < 0 || address > Platform.MAX_USER_ADDRESS) {
      throw Errno.ENOMEM.exception();
    }
    end = AddressSpaceState.clampEnd(end);
    if (advice == MemoryFlags.MADV_POPULATE_READ || advice == MemoryFlags.MADV_POPULATE_WRITE) {
      populate(address, end, advice == MemoryFlags.MADV_POPULATE_WRITE);
      return;
    }
    boolean gap = false;
    long at = address;
    while (at < end) {
      int i = vmas.indexFrom(at);
      if (i == vmas.size() || vmas.at(i).start() >= end) {
        gap = true;
        break;
      }
      Vma v = vmas.at(i);
      gap |= v.start() > at;
      long from = Math.max(at, v.start());
      long to = Math.min(end, v.end());
      apply(v, from, to, advice);
      at = to;
    }
    vmas.mergeRange(address, end);
    if (gap) {
      throw Errno.ENOMEM.exception();
    }
  }

  private void apply(Vma v, long from, long to, int advice) {
    boolean ownWords = v.backing() == null && !v.shared();
    if (v.has(Vma.SEALED) && ownWords && !v.writable() && discards(advice)) {
      throw Errno.EPERM.exception();
    }
    switch (advice) {
      case MemoryFlags.MADV_NORMAL -> change(v, from, to, f -> f & ~(Vma.RANDOM | Vma.SEQUENTIAL));
      case MemoryFlags.MADV_RANDOM -> change(v, from, to, f -> f & ~Vma.SEQUENTIAL | Vma.RANDOM);
      case MemoryFlags.MADV_SEQUENTIAL ->
          change(v, from, to, f -> f & ~Vma.RANDOM | Vma.SEQUENTIAL);
      case MemoryFlags.MADV_DONTFORK -> change(v, from, to, f -> f | Vma.DONT_FORK);
      case MemoryFlags.MADV_DOFORK -> change(v, from, to, f -> f & ~Vma.DONT_FORK);
      case MemoryFlags.MADV_DONTDUMP -> change(v, from, to, f -> f | Vma.DONT_DUMP);
      case MemoryFlags.MADV_DODUMP -> change(v, from, to, f -> f & ~Vma.DONT_DUMP);
      case MemoryFlags.MADV_HUGEPAGE -> change(v, from, to, f -> f & ~Vma.NO_HUGE | Vma.HUGE);
      case MemoryFlags.MADV_NOHUGEPAGE -> change(v, from, to, f -> f & ~Vma.HUGE | Vma.NO_HUGE);
      case MemoryFlags.MADV_KEEPONFORK -> change(v, from, to, f -> f & ~Vma.WIPE_ON_FORK);
      case MemoryFlags.MADV_WIPEONFORK -> wipeOnFork(v, from, to);
      case MemoryFlags.MADV_DONTNEED -> drop(v, from, to);
      case MemoryFlags.MADV_DONTNEED_LOCKED -> state.pages.drop(from, to);
      case MemoryFlags.MADV_FREE -> free(v, from, to);
      case MemoryFlags.MADV_REMOVE -> remove(v, from, to);
      // The rest says how pages should be kept; there is no swap and nothing to merge.
      default -> {}
    }
  }

  /** What would change the contents of sealed memory that may not be written (is_madv_discard). */
  private static boolean discards(int advice) {
    return switch (advice) {
      case MemoryFlags.MADV_FREE,
          MemoryFlags.MADV_DONTNEED,
          MemoryFlags.MADV_DONTNEED_LOCKED,
          MemoryFlags.MADV_REMOVE,
          MemoryFlags.MADV_DONTFORK,
          MemoryFlags.MADV_WIPEONFORK ->
          true;
      default -> false;
    };
  }

  private void change(Vma v, long from, long to, UnaryOperator<Integer> edit) {
    int flags = edit.apply(v.flags());
    if (flags == v.flags()) {
      return;
    }
    state.checkMapCount(vmas.splitsAt(from, to));
    vmas.splitAt(from);
    vmas.splitAt(to);
    vmas.replace(vmas.indexFrom(from), v.slice(from, to).withFlags(flags));
  }

  private void wipeOnFork(Vma v, long from, long to) {
    if (v.backing() != null || v.shared()) {
      throw Errno.EINVAL.exception();
    }
    change(v, from, to, f -> f | Vma.WIPE_ON_FORK);
  }

  private void drop(Vma v, long from, long to) {
    if (v.has(Vma.LOCKED)) {
      throw Errno.EINVAL.exception();
    }
    state.pages.drop(from, to);
  }

  /** The pages may go at any time: they go now. Only private anonymous memory (madvise(2)). */
  private void free(Vma v, long from, long to) {
    if (v.backing() != null) {
      throw Errno.EINVAL.exception();
    }
    drop(v, from, to);
  }

  private void remove(Vma v, long from, long to) {
    if (v.has(Vma.LOCKED)) {
      throw Errno.EINVAL.exception();
    }
    if (v.backing() == null) {
      throw Errno.EINVAL.exception();
    }
    if (!v.shared() || !v.has(Vma.MAY_WRITE)) {
      throw Errno.EACCES.exception();
    }
    if (v.backing().mappable() instanceof SharedMemory m) {
      state.pages.drop(from, to);
      m.discard(v.backingPage(from), v.backingPage(to));
    } else {
      throw Errno.EOPNOTSUPP.exception();
    }
  }

  private void populate(long start, long end, boolean write) {
    long at = pager.populate(start, end, write);
    if (at < end) {
      Vma v = vmas.find(at);
      if (v == null) {
        throw Errno.ENOMEM.exception();
      }
      boolean permitted = write ? v.writable() : v.accessible();
      throw (permitted ? Errno.EFAULT : Errno.EINVAL).exception();
    }
  }

  /**
   * mlock(2), munlock(2): accounting only, as nothing is ever paged out; mlock also makes the pages
   * resident. What comes before a gap stays changed, as in Linux.
   *
   * @param unlimited CAP_IPC_LOCK
   */
  void lock(long address, long length, boolean lock, boolean onFault, boolean unlimited) {
    if (lock) {
      checkMayLock(unlimited);
    }
    long start = address & -Platform.PAGE_SIZE;
    long size = AddressSpaceState.alignUp(length + (address - start));
    long end = start + size;
    if (lock && !unlimited && wouldLock(start, end) > lockLimit()) {
      throw Errno.ENOMEM.exception();
    }
    if (Long.compareUnsigned(end, start) < 0) {
      throw Errno.EINVAL.exception();
    }
    if (size == 0) {
      return;
    }
    end = AddressSpaceState.clampEnd(end);
    long covered = start < 0 ? start : vmas.coveredEnd(start, end);
    setLocked(start, covered, lock);
    if (covered < end) {
      throw Errno.ENOMEM.exception();
    }
    if (lock && !onFault && !populateAll(start, end)) {
      throw Errno.ENOMEM.exception();
    }
  }

  private void checkMayLock(boolean unlimited) {
    if (!unlimited && lockLimit() == 0) {
      throw Errno.EPERM.exception();
    }
  }

  private long lockLimit() {
    return state.limits.soft(ResourceLimits.RLIMIT_MEMLOCK) & -Platform.PAGE_SIZE;
  }

  /** What would be locked afterwards: what is locked already in the range counts once. */
  private long wouldLock(long start, long end) {
    long size = end - start;
    if (size < 0) {
      return Long.MAX_VALUE;
    }
    long total = vmas.locked() + size;
    for (int i = vmas.indexFrom(start); i < vmas.size() && vmas.at(i).start() < end; i++) {
      Vma v = vmas.at(i);
      if (v.has(Vma.LOCKED)) {
        total -= Math.min(end, v.end()) - Math.max(start, v.start());
      }
    }
    return total;
  }

  /**
   * mlockall(2), munlockall(2) with 0.
   *
   * @param flags MCL_ constants, checked
   */
  void lockAll(int flags, boolean unlimited) {
    boolean current = (flags & MemoryFlags.MCL_CURRENT) != 0;
    if (flags != 0) {
      checkMayLock(unlimited);
    }
    if (current && !unlimited && vmas.total() > lockLimit()) {
      throw Errno.ENOMEM.exception();
    }
    state.lockFuture = flags & (MemoryFlags.MCL_FUTURE | MemoryFlags.MCL_ONFAULT);
    if (flags != 0 && !current) {
      return;
    }
    setLocked(0, Platform.MAX_USER_ADDRESS, current);
    if (current && (flags & MemoryFlags.MCL_ONFAULT) == 0) {
      populateAll(0, Platform.MAX_USER_ADDRESS);
    }
  }

  /** mseal(2) of a range without gaps; ENOMEM. */
  void seal(long address, long length) {
    long end = address + AddressSpaceState.alignUp(length);
    if ((address & Platform.PAGE_SIZE - 1) != 0
        || length != 0 && AddressSpaceState.alignUp(length) == 0
        || Long.compareUnsigned(end, address) < 0) {
      throw Errno.EINVAL.exception();
    }
    if (end == address) {
      return;
    }
    long last = AddressSpaceState.clampEnd(end);
    if (address < 0 || !vmas.covers(address, last)) {
      throw Errno.ENOMEM.exception();
    }
    for (int i = vmas.indexFrom(address); i < vmas.size() && vmas.at(i).start() < last; i++) {
      Vma v = vmas.at(i);
      long from = Math.max(address, v.start());
      change(v, from, Math.min(last, v.end()), f -> f | Vma.SEALED);
    }
    vmas.mergeRange(address, last);
  }

  /** mbind(2): the default policy may be put where nothing is mapped, if anything is at all. */
  void setPolicy(long start, long end, MemoryPolicy policy) {
    long last = AddressSpaceState.clampEnd(end);
    boolean any = start >= 0 && vmas.intersects(start, last);
    boolean gaps = !any || !vmas.covers(start, last);
    if (!any || gaps && !policy.equals(MemoryPolicy.DEFAULT)) {
      throw Errno.EFAULT.exception();
    }
    for (int i = vmas.indexFrom(start); i < vmas.size() && vmas.at(i).start() < last; i++) {
      Vma v = vmas.at(i);
      long from = Math.max(start, v.start());
      change(v, from, Math.min(last, v.end()), f -> Vma.withPolicy(f, policy));
    }
    vmas.mergeRange(start, last);
  }

  private void setLocked(long start, long end, boolean lock) {
    for (int i = vmas.indexFrom(start); i < vmas.size() && vmas.at(i).start() < end; i++) {
      Vma v = vmas.at(i);
      if (v.has(Vma.DONT_EXPAND)) {
        continue; // the kernel's own mappings: VM_SPECIAL
      }
      change(
          v,
          Math.max(start, v.start()),
          Math.min(end, v.end()),
          f -> lock ? f | Vma.LOCKED : f & ~Vma.LOCKED);
    }
    vmas.mergeRange(start, end);
  }

  /** False if some page could not be had. */
  private boolean populateAll(long start, long end) {
    boolean all = true;
    for (int i = vmas.indexFrom(start); i < vmas.size() && vmas.at(i).start() < end; i++) {
      Vma v = vmas.at(i);
      long to = Math.min(end, v.end());
      boolean write = v.writable() && !v.shared();
      all &= v.accessible() && pager.populate(Math.max(start, v.start()), to, write) >= to;
    }
    return all;
  }

  /** msync(2): the ranges that must be written back are handed to the files. */
  void sync(long address, long length, int flags) {
    long size = AddressSpaceState.alignUp(length);
    long end = address + size;
    int known = MemoryFlags.MS_ASYNC | MemoryFlags.MS_INVALIDATE | MemoryFlags.MS_SYNC;
    int both = MemoryFlags.MS_ASYNC | MemoryFlags.MS_SYNC;
    if ((flags & ~known) != 0
        || (address & Platform.PAGE_SIZE - 1) != 0
        || (flags & both) == both) {
      throw Errno.EINVAL.exception();
    }
    if (size < 0 || end < address) {
      throw Errno.ENOMEM.exception();
    }
    for (int i = vmas.indexFrom(address); i < vmas.size() && vmas.at(i).start() < end; i++) {
      Vma v = vmas.at(i);
      if ((flags & MemoryFlags.MS_INVALIDATE) != 0 && v.has(Vma.LOCKED)) {
        throw Errno.EBUSY.exception();
      }
      if ((flags & MemoryFlags.MS_SYNC) != 0 && v.shared() && v.backing() != null) {
        long from = Math.max(address, v.start());
        long to = Math.min(end, v.end());
        v.backing().mappable().sync(v.backingPage(from), v.backingPage(to - 1) + 1);
      }
    }
    if (!vmas.covers(address, end)) {
      throw Errno.ENOMEM.exception();
    }
  }
}
