package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.process.ResourceLimits;
import java.util.function.UnaryOperator;

/**
 * madvise(2), mlock(2), msync(2) and mincore(2) on the state of one address space. Belongs to the
 * manager's actor.
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
   * resident.
   */
  void lock(long address, long length, boolean lock, boolean onFault) {
    long start = address & -Platform.PAGE_SIZE;
    long size = AddressSpaceState.alignUp(length + (address - start));
    long end = start + size;
    if (size < 0 || end < start) {
      throw Errno.EINVAL.exception();
    }
    if (size == 0) {
      return;
    }
    if (lock) {
      long limit = state.limits.soft(ResourceLimits.RLIMIT_MEMLOCK);
      if (limit == 0) {
        throw Errno.EPERM.exception();
      }
      if (limit - vmas.locked() < size) {
        throw Errno.ENOMEM.exception();
      }
    }
    if (!vmas.covers(start, end)) {
      throw Errno.ENOMEM.exception();
    }
    setLocked(start, end, lock);
    if (lock && !onFault) {
      populateAll(start, end);
    }
  }

  /** mlockall(2): {@code flags} MCL_CURRENT 1, MCL_FUTURE 2, MCL_ONFAULT 4; 0 for munlockall. */
  void lockAll(int flags) {
    state.lockFuture = flags & 6;
    if (flags != 0 && (flags & 1) == 0) {
      return;
    }
    if (flags != 0 && vmas.total() > state.limits.soft(ResourceLimits.RLIMIT_MEMLOCK)) {
      throw Errno.ENOMEM.exception();
    }
    setLocked(0, Platform.MAX_USER_ADDRESS, flags != 0);
    if (flags != 0 && (flags & 4) == 0) {
      populateAll(0, Platform.MAX_USER_ADDRESS);
    }
  }

  private void setLocked(long start, long end, boolean lock) {
    for (int i = vmas.indexFrom(start); i < vmas.size() && vmas.at(i).start() < end; i++) {
      Vma v = vmas.at(i);
      change(
          v,
          Math.max(start, v.start()),
          Math.min(end, v.end()),
          f -> lock ? f | Vma.LOCKED : f & ~Vma.LOCKED);
    }
    vmas.mergeRange(start, end);
  }

  private void populateAll(long start, long end) {
    for (int i = vmas.indexFrom(start); i < vmas.size() && vmas.at(i).start() < end; i++) {
      Vma v = vmas.at(i);
      if (v.accessible()) {
        pager.populate(
            Math.max(start, v.start()), Math.min(end, v.end()), v.writable() && !v.shared());
      }
    }
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

  /** mincore(2): one byte per page, bit 0 for resident. */
  byte[] resident(long address, long length) {
    if ((address & Platform.PAGE_SIZE - 1) != 0) {
      throw Errno.EINVAL.exception();
    }
    long size = AddressSpaceState.alignUp(length);
    if (address < 0 || size < 0 || address > Platform.MAX_USER_ADDRESS - size) {
      throw Errno.ENOMEM.exception();
    }
    if (!vmas.covers(address, address + size)) {
      throw Errno.ENOMEM.exception();
    }
    byte[] bits = new byte[(int) Math.min(size >>> Platform.PAGE_SHIFT, Integer.MAX_VALUE - 8)];
    long first = address >>> Platform.PAGE_SHIFT;
    long end = first + bits.length;
    for (long p = state.pages.next(first, end); p < end; p = state.pages.next(p + 1, end)) {
      bits[(int) (p - first)] = 1;
    }
    return bits;
  }
}
