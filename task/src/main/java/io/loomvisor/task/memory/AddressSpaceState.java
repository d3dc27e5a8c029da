package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.KernelMemory;
import io.loomvisor.vfs.cache.Mappable;

/**
 * The plain state of one address space, shared by the parts of the memory manager: mapping, paging,
 * copying. Touched only inside the memory manager's actor.
 */
final class AddressSpaceState {
  /** vm.mmap_min_addr. */
  static final long MIN_ADDRESS = 65536;

  /** vm.max_map_count. */
  static final int MAX_MAP_COUNT = 65530;

  private static final int VMAS_AT_ONCE = 512;

  /** What one takes of the heap. */
  private static final int VMA_BYTES = 128;

  /** Where bottom-up placement begins (Linux: TASK_UNMAPPED_BASE, a third of the address space). */
  static final long BOTTOM_UP_BASE = alignUp(Platform.MAX_USER_ADDRESS / 3);

  /** Lowest top of the mapping area (Linux: MIN_GAP is 128 MiB). */
  static final long DEFAULT_MMAP_BASE = Platform.MAX_USER_ADDRESS - (128L << 20);

  final VmaList vmas = new VmaList();
  final Residency pages;

  /** The process's limits; read racily, as any of its threads may change them. */
  ResourceLimits limits;

  long mmapBase = DEFAULT_MMAP_BASE;
  long brkStart;
  long brk;
  long peakVirtual;

  /** So many VMAs {@link KernelMemory} is taken for; the first ones any address space has. */
  private int paidVmas = VMAS_AT_ONCE;

  /** MCL_ flags of mlockall(2) for mappings to come. */
  int lockFuture;

  /** What files call when pages go away. */
  Mappable.MappingListener listener;

  AddressSpaceState(Residency pages, ResourceLimits limits) {
    this.pages = pages;
    this.limits = limits;
  }

  /**
   * The end of a range as the application gives it, unsigned; where it lies beyond user space, one
   * page beyond will do as well, for nothing is ever mapped there.
   */
  static long clampEnd(long end) {
    long beyond = Platform.MAX_USER_ADDRESS + Platform.PAGE_SIZE;
    return Long.compareUnsigned(end, beyond) > 0 ? beyond : end;
  }

  static long alignUp(long value) {
    return value + Platform.PAGE_SIZE - 1 & -Platform.PAGE_SIZE;
  }

  /**
   * Whether {@code bytes} more may be mapped under RLIMIT_AS and, for {@code data}, RLIMIT_DATA.
   */
  boolean mayExpand(long bytes, boolean data) {
    if (exceeds(vmas.total(), bytes, limits.soft(ResourceLimits.RLIMIT_AS))) {
      return false;
    }
    return !data || mayAddData(bytes);
  }

  boolean mayAddData(long bytes) {
    return !exceeds(vmas.data(), bytes, limits.soft(ResourceLimits.RLIMIT_DATA));
  }

  private static boolean exceeds(long have, long more, long limit) {
    return limit != Long.MAX_VALUE && (more > limit || have > limit - more);
  }

  /** ENOMEM if {@code more} VMAs would be too many. */
  void checkMapCount(int more) {
    if (vmas.size() + more > MAX_MAP_COUNT) {
      throw Errno.ENOMEM.exception();
    }
    payForVmas(vmas.size() + more);
  }

  /**
   * Takes kernel memory for {@code count} VMAs, some in advance; ENOMEM. What was taken stays so
   * until {@link #giveMemory}: the most that there were at a time.
   */
  void payForVmas(int count) {
    if (count > paidVmas) {
      int more = (count - paidVmas + VMAS_AT_ONCE - 1) / VMAS_AT_ONCE * VMAS_AT_ONCE;
      KernelMemory.heap().take((long) VMA_BYTES * more, Errno.ENOMEM);
      paidVmas += more;
    }
  }

  /** There will be no VMAs any more. */
  void giveMemory() {
    KernelMemory.heap().give((long) VMA_BYTES * (paidVmas - VMAS_AT_ONCE));
    paidVmas = VMAS_AT_ONCE;
  }

  void notePeak() {
    peakVirtual = Math.max(peakVirtual, vmas.total());
  }
}
