package io.loomvisor.kernel.loader;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.memory.MemoryManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a new program finds on its stack (x86-64 psABI, 3.4.1): from the stack pointer up argc,
 * argv, envp, the auxiliary vector, then the strings.
 */
final class InitialStack {
  private final long top;
  private final byte[] area;
  private int low;

  /**
   * @param top end of the stack
   * @param room bytes below it that may be used
   */
  InitialStack(long top, int room) {
    this.top = top;
    this.area = new byte[room];
    this.low = room;
  }

  /** Pushes raw bytes and returns their address. */
  long push(byte[] bytes) {
    if (bytes.length > low) {
      throw Errno.E2BIG.exception();
    }
    low -= bytes.length;
    System.arraycopy(bytes, 0, area, low, bytes.length);
    return address();
  }

  long pushString(String s) {
    return push((s + "\0").getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Pushes strings so that they stand in order, and returns their addresses. */
  long[] pushStrings(List<String> strings) {
    long[] addresses = new long[strings.size()];
    for (int i = addresses.length - 1; i >= 0; i--) {
      addresses[i] = pushString(strings.get(i));
    }
    return addresses;
  }

  /**
   * Pushes argc, argv, envp and the auxiliary vector (AT_NULL included), 16-byte aligned; the stack
   * pointer.
   */
  long pushVectors(long[] argv, long[] envp, long[] auxv) {
    ByteBuffer b =
        ByteBuffer.allocate(8 * (1 + argv.length + 1 + envp.length + 1 + auxv.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(argv.length);
    for (long a : argv) {
      b.putLong(a);
    }
    b.putLong(0);
    for (long e : envp) {
      b.putLong(e);
    }
    b.putLong(0);
    for (long v : auxv) {
      b.putLong(v);
    }
    long aligned = address() - b.capacity() & -16L;
    low = (int) (aligned + b.capacity() - (top - area.length));
    if (low < b.capacity()) {
      throw Errno.E2BIG.exception();
    }
    return push(b.array());
  }

  long address() {
    return top - area.length + low;
  }

  void copyTo(MemoryManager memory) {
    memory.copyOut(address(), java.lang.foreign.MemorySegment.ofArray(area).asSlice(low));
  }
}
