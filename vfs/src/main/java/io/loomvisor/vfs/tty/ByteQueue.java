package io.loomvisor.vfs.tty;

import java.util.Arrays;

/** Bytes in, bytes out. Grows as needed; whoever fills it keeps to a limit. Owned by one actor. */
final class ByteQueue {
  private byte[] bytes = new byte[256];
  private int from;
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void clear() {
    from = 0;
    size = 0;
  }

  void add(byte b) {
    reserve(1);
    bytes[from + size++] = b;
  }

  void add(byte[] source, int offset, int length) {
    reserve(length);
    System.arraycopy(source, offset, bytes, from + size, length);
    size += length;
  }

  /** Copies up to {@code max} bytes out and drops them. */
  byte[] take(int max) {
    int n = Math.min(max, size);
    byte[] taken = Arrays.copyOfRange(bytes, from, from + n);
    drop(n);
    return taken;
  }

  /** The byte at {@code index} from the front. */
  byte peek(int index) {
    return bytes[from + java.util.Objects.checkIndex(index, size)];
  }

  void drop(int count) {
    from += count;
    size -= count;
    if (size == 0) {
      from = 0;
    }
  }

  private void reserve(int more) {
    if (from + size + more <= bytes.length) {
      return;
    }
    byte[] target =
        size + more <= bytes.length / 2 ? bytes : new byte[Math.max(bytes.length * 2, size + more)];
    System.arraycopy(bytes, from, target, 0, size);
    bytes = target;
    from = 0;
  }
}
