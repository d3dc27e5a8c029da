package io.loomvisor.task.memory;

import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;

/**
 * Application memory of one address space: the only way in and out. Every range is checked against
 * {@link io.loomvisor.platform.Platform#MAX_USER_ADDRESS} and against overflow, VMA permissions are
 * honoured, pages are faulted in. A range that is not accessible fails with EFAULT;
 * whole-or-nothing methods may have copied a prefix.
 *
 * <p>Runs inside the memory manager's actor (rank MEMORY), so callers must hold no actor of that
 * rank or below. Any thread.
 */
public interface UserMemory {
  byte getByte(long address);

  short getShort(long address);

  int getInt(long address);

  long getLong(long address);

  void putByte(long address, byte value);

  void putShort(long address, short value);

  void putInt(long address, int value);

  void putLong(long address, long value);

  /** Fills all of {@code target} from {@code address}. */
  void copyIn(long address, MemorySegment target);

  /** Writes all of {@code source} to {@code address}. */
  void copyOut(long address, MemorySegment source);

  default byte[] copyIn(long address, int length) {
    byte[] bytes = new byte[length];
    copyIn(address, MemorySegment.ofArray(bytes));
    return bytes;
  }

  default void copyOut(long address, byte[] bytes) {
    copyOut(address, MemorySegment.ofArray(bytes));
  }

  /**
   * The NUL-terminated string at {@code address} as ISO 8859-1, without the NUL.
   *
   * @param limit bytes including the NUL; ENAMETOOLONG if there is none within them
   */
  String copyInString(long address, int limit);

  /** As {@link #copyInString} with PATH_MAX (4096). */
  default String copyInPath(long address) {
    return copyInString(address, 4096);
  }

  /**
   * Copies as much as is accessible, at most {@code length}; returns the count, 0 if nothing is (no
   * exception).
   */
  long copyInPartial(long address, MemorySegment target, long offset, long length);

  long copyOutPartial(long address, MemorySegment source, long offset, long length);

  long zeroPartial(long address, long length);

  /**
   * Makes up to {@code length} bytes from {@code address} accessible and returns how many are, from
   * the start on; 0 if the first byte is not.
   */
  long faultIn(long address, long length, boolean write);

  /**
   * Atomically replaces the aligned int if it equals {@code expected}; returns the value found.
   * EFAULT, EINVAL unaligned.
   */
  int compareAndSwapInt(long address, int expected, int update);

  /** A buffer of the application as a place to read into; EFAULT if the range leaves user space. */
  IoTarget target(long address, long length);

  IoSource source(long address, long length);

  /** An iovec array (readv(2)): EINVAL for a bad count or a total over SSIZE_MAX, EFAULT. */
  IoTarget targetVector(long iovec, int count);

  IoSource sourceVector(long iovec, int count);
}
