package io.loomvisor.vfs.cache;

import java.lang.foreign.MemorySegment;

/**
 * Frames for file contents; the same frames that address spaces map. An adapter over the platform's
 * memory file, so that vfs need not know the platform. Frame numbers are opaque; 0 is none.
 */
public interface PageStore {
  int PAGE_SIZE = 4096;
  int PAGE_SHIFT = 12;

  /** A zeroed frame with one reference; ENOMEM. */
  long allocate();

  /** {@code count} zeroed consecutive frames, one reference each; ENOMEM. */
  long allocate(int count);

  void retain(long frame);

  void release(long frame);

  int references(long frame);

  /** The bytes of {@code count} consecutive frames. */
  MemorySegment segment(long frame, int count);

  /** Frames that can exist at most. */
  default long capacity() {
    return Long.MAX_VALUE;
  }

  /** Frames not in use now. */
  default long available() {
    return Long.MAX_VALUE;
  }
}
