package io.loomvisor.task.memory;

import static io.loomvisor.task.memory.MemoryFlags.MAP_DENYWRITE;
import static io.loomvisor.task.memory.MemoryFlags.MAP_EXECUTABLE;
import static io.loomvisor.task.memory.MemoryFlags.MAP_FIXED;
import static io.loomvisor.task.memory.MemoryFlags.MAP_FIXED_NOREPLACE;
import static io.loomvisor.task.memory.MemoryFlags.MAP_GROWSDOWN;
import static io.loomvisor.task.memory.MemoryFlags.MAP_LOCKED;
import static io.loomvisor.task.memory.MemoryFlags.MAP_NONBLOCK;
import static io.loomvisor.task.memory.MemoryFlags.MAP_NORESERVE;
import static io.loomvisor.task.memory.MemoryFlags.MAP_POPULATE;
import static io.loomvisor.task.memory.MemoryFlags.PROT_EXEC;
import static io.loomvisor.task.memory.MemoryFlags.PROT_GROWSDOWN;
import static io.loomvisor.task.memory.MemoryFlags.PROT_GROWSUP;
import static io.loomvisor.task.memory.MemoryFlags.PROT_MASK;
import static io.loomvisor.task.memory.MemoryFlags.PROT_READ;
import static io.loomvisor.task.memory.MemoryFlags.PROT_SEM;
import static io.loomvisor.task.memory.MemoryFlags.PROT_WRITE;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.FileDescription;
import java.util.function.ToLongFunction;

/**
 * mmap(2), munmap(2), mprotect(2) and brk(2) on the state of one address space. Belongs to the
 * memory manager's actor.
 */
final class Mapper {
  private final AddressSpaceState state;
  private final VmaList vmas;
  private final Pager pager;

  Mapper(AddressSpaceState state, Pager pager) {
    this.state = state;
    this.vmas = state.vmas;
    this.pager = pager;
  }

  /**
   * Maps {@code length} bytes (rounded up to pages).
   *
   * @param flags MAP_ flags; the type has been checked
   * @param vmaFlags flags for the VMA beyond what {@code flags} imply
   */
  long map(
      long address,
      long length,
      int protection,
      int flags,
      int vmaFlags,
      Backing backing,
      long offset,
      MapPrivileges privileges) {
    long size = checkedSize(length);
    state.checkMapCount(1);
    long at = place(address, size, flags, privileges.lowAddresses());
    int all = vmaFlags | impliedFlags(flags);
    Vma vma =
        new Vma(at, at + size, protection & PROT_MASK, all, backing, backing == null ? 0 : offset);
    checkSpace(vma);
    if (vma.has(Vma.LOCKED) && !privileges.lockUnlimited()) {
      checkLocked(size, flags);
    }
    if (vmas.intersects(at, at + size)) {
      removeRange(at, at + size);
    }
    if (backing != null) {
      backing.register(state.listener, offset >>> 12, offset + size >>> 12);
    }
    vmas.add(vma);
    state.notePeak();
    boolean populate =
        (flags & MAP_POPULATE) != 0 && (flags & MAP_NONBLOCK) == 0
            || vma.has(Vma.LOCKED) && (state.lockFuture & MemoryFlags.MCL_ONFAULT) == 0;
    if (populate && vma.accessible()) {
      pager.populate(at, at + size, vma.writable() && !vma.shared());
    } else {
      pager.mapAhead(vma, (flags & MAP_FIXED) != 0);
    }
    return at;
  }

  private static long checkedSize(long length) {
    if (length == 0) {
      throw Errno.EINVAL.exception();
    }
    long size = AddressSpaceState.alignUp(length);
    if (size <= 0 || size > Platform.MAX_USER_ADDRESS) {
      throw Errno.ENOMEM.exception();
    }
    return size;
  }

  private long place(long address, long size, int flags, boolean lowAddresses) {
    if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) == 0) {
      return Placement.find(state, address, size, flags);
    }
    if (address < 0 || address > Platform.MAX_USER_ADDRESS - size) {
      throw Errno.ENOMEM.exception();
    }
    if ((address & Platform.PAGE_SIZE - 1) != 0) {
      throw Errno.EINVAL.exception();
    }
    if (address < AddressSpaceState.MIN_ADDRESS && !lowAddresses) {
      throw Errno.EPERM.exception();
    }
    if ((flags & MAP_FIXED_NOREPLACE) != 0 && vmas.intersects(address, address + size)) {
      throw Errno.EEXIST.exception();
    }
    return address;
  }

  private int impliedFlags(int flags) {
    int f = 0;
    if ((flags & MAP_GROWSDOWN) != 0) {
      f |= Vma.GROWS_DOWN;
    }
    if ((flags & MAP_LOCKED) != 0 || (state.lockFuture & MemoryFlags.MCL_FUTURE) != 0) {
      f |= Vma.LOCKED;
    }
    if ((flags & MAP_NORESERVE) != 0) {
      f |= Vma.NO_RESERVE;
    }
    if ((flags & (MAP_DENYWRITE | MAP_EXECUTABLE)) != 0) {
      f |= Vma.PROGRAM;
    }
    return f;
  }

  /** Resource limits, and the refusal of what could never be backed (vm.overcommit_memory 0). */
  private void checkSpace(Vma vma) {
    if (!state.mayExpand(vma.length(), vma.isData())) {
      long replaced = overlap(vma.start(), vma.end());
      if (replaced == 0 || !state.mayExpand(vma.length() - replaced, vma.isData())) {
        throw Errno.ENOMEM.exception();
      }
    }
    boolean accountable =
        vma.writable() && !vma.has(Vma.NO_RESERVE) && (vma.backing() == null || !vma.shared());
    if (accountable && vma.length() >>> Platform.PAGE_SHIFT > state.pages.memory().frameLimit()) {
      throw Errno.ENOMEM.exception();
    }
  }

  private void checkLocked(long more, int flags) {
    long limit = state.limits.soft(ResourceLimits.RLIMIT_MEMLOCK) & -Platform.PAGE_SIZE;
    if (limit == 0 && (flags & MAP_LOCKED) != 0) {
      throw Errno.EPERM.exception();
    }
    if (limit - vmas.locked() < more) {
      throw Errno.EAGAIN.exception();
    }
  }

  private long overlap(long start, long end) {
    long bytes = 0;
    for (int i = vmas.indexFrom(start); i < vmas.size() && vmas.at(i).start() < end; i++) {
      bytes += Math.min(end, vmas.at(i).end()) - Math.max(start, vmas.at(i).start());
    }
    return bytes;
  }

  void unmap(long address, long length) {
    if ((address & Platform.PAGE_SIZE - 1) != 0
        || address < 0
        || address > Platform.MAX_USER_ADDRESS
        || length <= 0
        || length > Platform.MAX_USER_ADDRESS - address) {
      throw Errno.EINVAL.exception();
    }
    removeRange(address, address + AddressSpaceState.alignUp(length));
  }

  /** See {@link MemoryManager#munmapAll}. */
  <D extends FileDescription> boolean unmapAll(
      long address, Class<D> kind, ToLongFunction<D> size) {
    D found = null;
    long end = Long.MAX_VALUE;
    int i = vmas.indexFrom(address);
    while (i < vmas.size() && vmas.at(i).start() < end) {
      Vma v = vmas.at(i);
      FileDescription d = v.backing() == null ? null : v.backing().description();
      boolean fits = found == null ? kind.isInstance(d) : d == found;
      if (!fits || v.start() - address != v.offset()) {
        i++;
        continue;
      }
      if (found == null) {
        found = kind.cast(d);
        end = address + AddressSpaceState.alignUp(size.applyAsLong(found));
      }
      removeRange(v.start(), v.end());
    }
    return found != null;
  }

  /** EPERM if something in [start, end) is sealed. */
  void requireUnsealed(long start, long end) {
    for (int i = vmas.indexFrom(start); i < vmas.size() && vmas.at(i).start() < end; i++) {
      if (vmas.at(i).has(Vma.SEALED)) {
        throw Errno.EPERM.exception();
      }
    }
  }

  /** Takes every VMA and page out of [start, end). */
  void removeRange(long start, long end) {
    if (!vmas.intersects(start, end)) {
      return;
    }
    requireUnsealed(start, end);
    if (vmas.splitsAt(start, end) == 2) {
      state.checkMapCount(1);
    }
    vmas.splitAt(start);
    vmas.splitAt(end);
    vmas.removeRange(start, end);
    state.pages.drop(start, end);
  }

  void protect(long address, long length, int protection) {
    int grows = protection & (PROT_GROWSDOWN | PROT_GROWSUP);
    if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || (address & Platform.PAGE_SIZE - 1) != 0) {
      throw Errno.EINVAL.exception();
    }
    if (length == 0) {
      return;
    }
    long size = AddressSpaceState.alignUp(length);
    long end = address + size;
    if (Long.compareUnsigned(end, address) <= 0) {
      throw Errno.ENOMEM.exception();
    }
    end = AddressSpaceState.clampEnd(end);
    if ((protection & ~(PROT_MASK | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP)) != 0) {
      throw Errno.EINVAL.exception();
    }
    long start = address;
    int first = vmas.indexFrom(start);
    if (first == vmas.size() || vmas.at(first).start() >= end) {
      throw Errno.ENOMEM.exception();
    }
    if (grows == PROT_GROWSDOWN) {
      if (!vmas.at(first).has(Vma.GROWS_DOWN)) {
        throw Errno.EINVAL.exception();
      }
      start = vmas.at(first).start();
    } else if (vmas.at(first).start() > start) {
      throw Errno.ENOMEM.exception();
    } else if (grows == PROT_GROWSUP) {
      throw Errno.EINVAL.exception();
    }
    state.checkMapCount(vmas.splitsAt(start, end));
    protectRange(start, end, protection & PROT_MASK);
  }

  /** VMA by VMA, as Linux does: what comes before an error stays changed. */
  private void protectRange(long start, long end, int protection) {
    long at = start;
    try {
      while (at < end) {
        Vma v = vmas.find(at);
        if (v == null) {
          throw Errno.ENOMEM.exception();
        }
        if (forbidden(v, protection)) {
          throw Errno.EACCES.exception();
        }
        if (v.has(Vma.SEALED)) {
          throw Errno.EPERM.exception();
        }
        long to = Math.min(end, v.end());
        if (v.protection() != protection) {
          change(v, at, to, protection);
        }
        at = to;
      }
    } finally {
      vmas.mergeRange(start, end);
    }
  }

  private static boolean forbidden(Vma v, int protection) {
    return (protection & PROT_WRITE) != 0 && !v.has(Vma.MAY_WRITE)
        || (protection & PROT_EXEC) != 0 && !v.has(Vma.MAY_EXEC)
        || (protection & PROT_READ) != 0 && !v.has(Vma.MAY_READ);
  }

  private void change(Vma v, long from, long to, int protection) {
    Vma changed = v.slice(from, to).withProtection(protection);
    if (!v.isData() && changed.isData() && !state.mayAddData(changed.length())) {
      throw Errno.ENOMEM.exception();
    }
    vmas.splitAt(from);
    vmas.splitAt(to);
    vmas.replace(vmas.indexFrom(from), changed);
    state.pages.applyProtection(changed);
  }

  /** brk(2): moves the end of the heap if that is possible; returns where it is then. */
  long brk(long address) {
    if (address < state.brkStart || address < 0 || address > Platform.MAX_USER_ADDRESS) {
      return state.brk;
    }
    long oldEnd = AddressSpaceState.alignUp(state.brk);
    long newEnd = AddressSpaceState.alignUp(address);
    if (newEnd < oldEnd) {
      removeRange(newEnd, oldEnd);
    } else if (newEnd > oldEnd && !growHeap(address, oldEnd, newEnd)) {
      return state.brk;
    }
    state.brk = address;
    return address;
  }

  private boolean growHeap(long address, long oldEnd, long newEnd) {
    long dataLimit = state.limits.soft(ResourceLimits.RLIMIT_DATA);
    int next = vmas.indexFrom(oldEnd);
    boolean room = next == vmas.size() || newEnd + guard(vmas.at(next)) <= vmas.at(next).start();
    if (!room
        || address - state.brkStart > dataLimit
        || vmas.size() >= AddressSpaceState.MAX_MAP_COUNT) {
      return false;
    }
    int lock = (state.lockFuture & MemoryFlags.MCL_FUTURE) != 0 ? Vma.LOCKED : 0;
    Vma heap = new Vma(oldEnd, newEnd, PROT_READ | PROT_WRITE, Vma.MAY_ALL | lock, null, 0);
    long limit = state.pages.memory().frameLimit();
    if (!state.mayExpand(heap.length(), true) || heap.length() >>> Platform.PAGE_SHIFT > limit) {
      return false;
    }
    vmas.add(heap);
    state.notePeak();
    if (lock != 0 && (state.lockFuture & MemoryFlags.MCL_ONFAULT) == 0) {
      pager.populate(oldEnd, newEnd, true);
    }
    return true;
  }

  /** Linux keeps one page free above the heap, and the guard gap below a stack. */
  private static long guard(Vma next) {
    return next.has(Vma.GROWS_DOWN) ? StackGrowth.GUARD_GAP : Platform.PAGE_SIZE;
  }
}
