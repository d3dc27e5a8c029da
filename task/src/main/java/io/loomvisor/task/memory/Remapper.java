package io.loomvisor.task.memory;

import static io.loomvisor.task.memory.MemoryFlags.MREMAP_DONTUNMAP;
import static io.loomvisor.task.memory.MemoryFlags.MREMAP_FIXED;
import static io.loomvisor.task.memory.MemoryFlags.MREMAP_MAYMOVE;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.process.ResourceLimits;

/**
 * mremap(2) on the state of one address space (Linux: mm/mremap.c). Belongs to the memory manager's
 * actor.
 */
final class Remapper {
  private final AddressSpaceState state;
  private final VmaList vmas;
  private final Mapper mapper;
  private final Pager pager;

  Remapper(AddressSpaceState state, Mapper mapper, Pager pager) {
    this.state = state;
    this.vmas = state.vmas;
    this.mapper = mapper;
    this.pager = pager;
  }

  long remap(long address, long oldLength, long newLength, int flags, long newAddress) {
    if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0
        || (flags & MREMAP_FIXED) != 0 && (flags & MREMAP_MAYMOVE) == 0
        || (flags & MREMAP_DONTUNMAP) != 0
            && ((flags & MREMAP_MAYMOVE) == 0 || oldLength != newLength)
        || (address & Platform.PAGE_SIZE - 1) != 0) {
      throw Errno.EINVAL.exception();
    }
    long from = AddressSpaceState.alignUp(oldLength);
    long to = AddressSpaceState.alignUp(newLength);
    if (to <= 0 || from < 0 || to > Platform.MAX_USER_ADDRESS) {
      throw Errno.EINVAL.exception();
    }
    Vma vma = vmas.find(address);
    if (vma == null) {
      throw Errno.EFAULT.exception();
    }
    mapper.requireUnsealed(address, address + Math.max(from, 1));
    if ((flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0) {
      return moveTo(address, from, to, flags, newAddress);
    }
    if (from >= to && from != 0) {
      if (from > to) {
        mapper.removeRange(address + to, address + from);
      }
      return address;
    }
    checkGrowth(vma, address, from, to);
    if (from != 0 && address + from == vma.end() && growInPlace(vma, to - from)) {
      return address;
    }
    if ((flags & MREMAP_MAYMOVE) == 0) {
      throw Errno.ENOMEM.exception();
    }
    long target = Placement.find(state, 0, to, 0);
    move(vma, address, from, target, to, false);
    return target;
  }

  private long moveTo(long address, long from, long to, int flags, long newAddress) {
    boolean fixed = (flags & MREMAP_FIXED) != 0;
    long target = newAddress;
    if (fixed) {
      if ((target & Platform.PAGE_SIZE - 1) != 0
          || target < 0
          || target > Platform.MAX_USER_ADDRESS - to) {
        throw Errno.EINVAL.exception();
      }
      if (address + from > target && target + to > address) {
        throw Errno.EINVAL.exception();
      }
      if (target < AddressSpaceState.MIN_ADDRESS) {
        throw Errno.EPERM.exception();
      }
      state.checkMapCount(2);
      mapper.removeRange(target, target + to);
    }
    long size = from;
    if (from > to) {
      mapper.removeRange(address + to, address + from);
      size = to;
    }
    Vma vma = vmas.find(address);
    if (vma == null) {
      throw Errno.EFAULT.exception();
    }
    checkGrowth(vma, address, size, to);
    if (!fixed) {
      target = Placement.find(state, newAddress, to, 0);
    }
    move(vma, address, size, target, to, (flags & MREMAP_DONTUNMAP) != 0);
    return target;
  }

  /** Linux: vma_to_resize. */
  private void checkGrowth(Vma vma, long address, long from, long to) {
    if (from == 0 && !vma.shared()) {
      throw Errno.EINVAL.exception();
    }
    if (from > vma.end() - address || vma.has(Vma.DONT_EXPAND) && to > from) {
      throw Errno.EFAULT.exception();
    }
    if (to == from) {
      return;
    }
    if (vma.backing() != null && vma.offset() + (address - vma.start()) + to < 0) {
      throw Errno.EINVAL.exception();
    }
    long more = to - from;
    if (vma.has(Vma.LOCKED)
        && state.limits.soft(ResourceLimits.RLIMIT_MEMLOCK) - vmas.locked() < more) {
      throw Errno.EAGAIN.exception();
    }
    boolean tooLarge =
        vma.isData() && to >>> Platform.PAGE_SHIFT > state.pages.memory().frameLimit();
    if (tooLarge || !state.mayExpand(more, vma.isData())) {
      throw Errno.ENOMEM.exception();
    }
  }

  private boolean growInPlace(Vma vma, long more) {
    long end = vma.end() + more;
    int next = vmas.indexFrom(vma.end());
    if (end > Platform.MAX_USER_ADDRESS || next < vmas.size() && vmas.at(next).start() < end) {
      return false;
    }
    Vma added =
        new Vma(
            vma.end(),
            end,
            vma.protection(),
            vma.flags(),
            vma.backing(),
            vma.backing() == null ? 0 : vma.offset() + vma.length());
    register(added);
    vmas.add(added);
    finish(added);
    return true;
  }

  /**
   * Moves [from, from + size) of {@code vma} to {@code to}, where there is room for {@code
   * newSize}.
   */
  private void move(Vma vma, long from, long size, long to, long newSize, boolean keep) {
    state.checkMapCount(3);
    boolean duplicate = size == 0;
    Vma moved = vma.slice(from, vma.end()).movedTo(to, newSize);
    register(moved);
    if (!duplicate) {
      state.pages.move(from, to, size);
      if (!keep) {
        vmas.splitAt(from);
        vmas.splitAt(from + size);
        vmas.removeRange(from, from + size);
      }
    }
    vmas.add(moved);
    finish(new Vma(to + size, to + newSize, moved.protection(), moved.flags(), moved.backing(), 0));
  }

  private void register(Vma vma) {
    if (vma.backing() != null) {
      vma.backing()
          .register(state.listener, vma.offset() >>> 12, vma.offset() + vma.length() >>> 12);
    }
  }

  private void finish(Vma added) {
    state.notePeak();
    if (added.has(Vma.LOCKED) && added.accessible()) {
      pager.populate(added.start(), added.end(), added.writable() && !added.shared());
    }
  }
}
