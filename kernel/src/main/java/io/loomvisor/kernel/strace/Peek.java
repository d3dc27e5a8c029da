package io.loomvisor.kernel.strace;

import io.loomvisor.task.memory.UserMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Application memory as the tracer reads it: what is not readable is shorter or null, never a
 * fault, an exception or a signal. Reading may fill a page in, as any system call's copying does.
 */
@FunctionalInterface
interface Peek {
  /** No tracer needs more of one argument; bounds what a hostile length can make it allocate. */
  int LIMIT = 64 * 1024;

  /** The readable prefix of {@code length} bytes at {@code address}; empty if there is none. */
  byte[] read(long address, int length);

  /** The memory of a task. */
  static Peek of(UserMemory memory) {
    return (address, length) -> {
      byte[] bytes = new byte[Math.clamp(length, 0, LIMIT)];
      long got = memory.copyInPartial(address, MemorySegment.ofArray(bytes), 0, bytes.length);
      return got == bytes.length ? bytes : Arrays.copyOf(bytes, (int) Math.max(0, got));
    };
  }

  /** A whole struct, little endian; null if any of it is not readable. */
  default ByteBuffer struct(long address, int length) {
    byte[] bytes = address == 0 ? new byte[0] : read(address, length);
    return bytes.length < length || length == 0
        ? null
        : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The bytes before the NUL, at most {@code limit} of them; null if not even one byte is readable.
   */
  default byte[] string(long address, int limit) {
    if (address == 0) {
      return null;
    }
    byte[] bytes = read(address, Math.min(limit, 256));
    int end = indexOfNul(bytes);
    if (end < 0 && bytes.length == 256 && limit > 256) {
      bytes = read(address, limit);
      end = indexOfNul(bytes);
    }
    return bytes.length == 0 ? null : end < 0 ? bytes : Arrays.copyOf(bytes, end);
  }

  private static int indexOfNul(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        return i;
      }
    }
    return -1;
  }
}
