package io.loomvisor.platform.kvm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.loomvisor.platform.kvm.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * On which of the host's CPUs a thread runs. The host wakes a thread on the CPU of who wakes it,
 * often enough, and leaves it there for milliseconds though another CPU is idle. Belongs to the
 * thread.
 */
final class Whereabouts {
  /** Linux's largest CONFIG_NR_CPUS. */
  private static final int MOST_CPUS = 8192;

  private final MemorySegment allowed = Arena.ofAuto().allocate(MOST_CPUS / Byte.SIZE, 8);
  private final MemorySegment mask = Arena.ofAuto().allocate(MOST_CPUS / Byte.SIZE, 8);

  /** Bytes of a mask; 0: not known yet; negative: the host does not tell. */
  private int size;

  /**
   * Has the calling thread run elsewhere from now on.
   *
   * @return false if there is no other CPU for it
   */
  boolean leave(int cpu) {
    if (size == 0) {
      size = Libc.schedGetAffinity(allowed);
    }
    if (size <= 0 || cpu < 0 || cpu >= size * Byte.SIZE) {
      return false;
    }
    MemorySegment.copy(allowed, 0, mask, 0, size);
    long word = cpu / Long.SIZE * (long) Long.BYTES;
    mask.set(JAVA_LONG, word, mask.get(JAVA_LONG, word) & ~(1L << cpu % Long.SIZE));
    return Libc.schedSetAffinity(mask.asSlice(0, size)) == 0;
  }

  /** As {@link #leave}, but later it may come back. */
  boolean leaveForNow(int cpu) {
    return leave(cpu) && Libc.schedSetAffinity(allowed.asSlice(0, size)) == 0;
  }
}
