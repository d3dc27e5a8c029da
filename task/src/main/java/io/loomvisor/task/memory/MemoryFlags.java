package io.loomvisor.task.memory;

/**
 * Numbers of mman.h that applications pass (include/uapi/asm-generic/mman-common.h, mman.h,
 * linux/mman.h).
 */
public final class MemoryFlags {
  public static final int PROT_READ = 1;
  public static final int PROT_WRITE = 2;
  public static final int PROT_EXEC = 4;
  public static final int PROT_SEM = 8;
  public static final int PROT_GROWSDOWN = 0x0100_0000;
  public static final int PROT_GROWSUP = 0x0200_0000;

  /** The three bits that a VMA keeps. */
  public static final int PROT_MASK = PROT_READ | PROT_WRITE | PROT_EXEC;

  public static final int MAP_SHARED = 0x01;
  public static final int MAP_PRIVATE = 0x02;
  public static final int MAP_SHARED_VALIDATE = 0x03;
  public static final int MAP_TYPE = 0x0f;
  public static final int MAP_FIXED = 0x10;
  public static final int MAP_ANONYMOUS = 0x20;
  public static final int MAP_32BIT = 0x40;
  public static final int MAP_GROWSDOWN = 0x0100;
  public static final int MAP_DENYWRITE = 0x0800;
  public static final int MAP_EXECUTABLE = 0x1000;
  public static final int MAP_LOCKED = 0x2000;
  public static final int MAP_NORESERVE = 0x4000;
  public static final int MAP_POPULATE = 0x8000;
  public static final int MAP_NONBLOCK = 0x10000;
  public static final int MAP_STACK = 0x20000;
  public static final int MAP_HUGETLB = 0x40000;
  public static final int MAP_SYNC = 0x80000;
  public static final int MAP_FIXED_NOREPLACE = 0x100000;

  /**
   * LEGACY_MAP_MASK of linux/mman.h: what MAP_SHARED_VALIDATE accepts of a file without map_sync.
   */
  static final int LEGACY_MAP_MASK =
      MAP_SHARED
          | MAP_PRIVATE
          | MAP_FIXED
          | MAP_ANONYMOUS
          | MAP_DENYWRITE
          | MAP_EXECUTABLE
          | MAP_GROWSDOWN
          | MAP_LOCKED
          | MAP_NORESERVE
          | MAP_POPULATE
          | MAP_NONBLOCK
          | MAP_STACK
          | MAP_HUGETLB
          | MAP_32BIT;

  public static final int MREMAP_MAYMOVE = 1;
  public static final int MREMAP_FIXED = 2;
  public static final int MREMAP_DONTUNMAP = 4;

  public static final int MADV_NORMAL = 0;
  public static final int MADV_RANDOM = 1;
  public static final int MADV_SEQUENTIAL = 2;
  public static final int MADV_WILLNEED = 3;
  public static final int MADV_DONTNEED = 4;
  public static final int MADV_FREE = 8;
  public static final int MADV_REMOVE = 9;
  public static final int MADV_DONTFORK = 10;
  public static final int MADV_DOFORK = 11;
  public static final int MADV_MERGEABLE = 12;
  public static final int MADV_UNMERGEABLE = 13;
  public static final int MADV_HUGEPAGE = 14;
  public static final int MADV_NOHUGEPAGE = 15;
  public static final int MADV_DONTDUMP = 16;
  public static final int MADV_DODUMP = 17;
  public static final int MADV_WIPEONFORK = 18;
  public static final int MADV_KEEPONFORK = 19;
  public static final int MADV_COLD = 20;
  public static final int MADV_PAGEOUT = 21;
  public static final int MADV_POPULATE_READ = 22;
  public static final int MADV_POPULATE_WRITE = 23;
  public static final int MADV_DONTNEED_LOCKED = 24;
  public static final int MADV_COLLAPSE = 25;

  public static final int MCL_CURRENT = 1;
  public static final int MCL_FUTURE = 2;
  public static final int MCL_ONFAULT = 4;
  public static final int MLOCK_ONFAULT = 1;

  public static final int MS_ASYNC = 1;
  public static final int MS_INVALIDATE = 2;
  public static final int MS_SYNC = 4;

  private MemoryFlags() {}
}
