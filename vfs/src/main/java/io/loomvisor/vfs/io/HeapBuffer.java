package io.loomvisor.vfs.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A heap array as target or source, for the kernel's own reads and writes and for tests. One
 * thread.
 */
public final class HeapBuffer implements IoTarget, IoSource {
  private final byte[] bytes;
  private final int end;
  private int position;

  private HeapBuffer(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.position = from;
    this.end = from + length;
  }

  public static HeapBuffer wrap(byte[] bytes) {
    return new HeapBuffer(bytes, 0, bytes.length);
  }

  public static HeapBuffer wrap(byte[] bytes, int from, int length) {
    java.util.Objects.checkFromIndexSize(from, length, bytes.length);
    return new HeapBuffer(bytes, from, length);
  }

  /** Index into the array of the next byte. */
  public int position() {
    return position;
  }

  @Override
  public long remaining() {
    return end - position;
  }

  @Override
  public long prepare(long max) {
    return Math.min(max, remaining());
  }

  @Override
  public long put(MemorySegment source, long offset, long length) {
    int n = (int) Math.min(length, remaining());
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, bytes, position, n);
    position += n;
    return n;
  }

  @Override
  public long putZeros(long length) {
    int n = (int) Math.min(length, remaining());
    java.util.Arrays.fill(bytes, position, position + n, (byte) 0);
    position += n;
    return n;
  }

  @Override
  public void back(long length) {
    position = Math.toIntExact(position - length);
  }

  @Override
  public long get(MemorySegment target, long offset, long length) {
    int n = (int) Math.min(length, remaining());
    MemorySegment.copy(bytes, position, target, ValueLayout.JAVA_BYTE, offset, n);
    position += n;
    return n;
  }
}
