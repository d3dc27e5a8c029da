package io.loomvisor.vfs.io;

import java.lang.foreign.MemorySegment;

/** Where write(2) takes bytes from; the mirror of {@link IoTarget}, with the same rules. */
public interface IoSource {
  long remaining();

  /** Makes the next bytes readable and says how many; as {@link IoTarget#prepare}. */
  long prepare(long max);

  /**
   * Copies up to {@code length} bytes into {@code target} at {@code offset} and advances.
   *
   * @return bytes copied; EFAULT if none could be copied though {@code length} and {@link
   *     #remaining} are not 0
   */
  long get(MemorySegment target, long offset, long length);

  /**
   * Goes back over the last {@code length} bytes got: the object had no room for them, they are to
   * come again.
   */
  void back(long length);
}
