package io.loomvisor.task.memory;

import io.loomvisor.platform.MemoryFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/** Frames in one heap-independent segment, with strict counting: misuse throws. */
final class FakeMemoryFile implements MemoryFile {
  private final int limit;
  private final MemorySegment whole;
  private final int[] references;
  private final BitSet used = new BitSet();

  FakeMemoryFile(int limit) {
    this.limit = limit;
    whole = Arena.ofAuto().allocate((limit + 1L) << 12, 4096);
    references = new int[limit + 1];
    used.set(0);
  }

  @Override
  public synchronized long allocate() {
    return allocate(1, 1);
  }

  @Override
  public synchronized long allocate(int count, int align) {
    int at = align;
    while (at + count <= limit + 1) {
      int taken = used.previousSetBit(at + count - 1);
      if (taken < at) {
        for (int i = at; i < at + count; i++) {
          used.set(i);
          references[i] = 1;
        }
        whole.asSlice((long) at << 12, (long) count << 12).fill((byte) 0);
        return at;
      }
      at = (taken + align) / align * align;
      at = at <= taken ? at + align : at;
    }
    throw new OutOfMemoryException();
  }

  @Override
  public synchronized void retain(long frame) {
    if (references[(int) frame] <= 0) {
      throw new IllegalStateException("retain of free frame " + frame);
    }
    references[(int) frame]++;
  }

  @Override
  public synchronized void release(long frame) {
    int f = (int) frame;
    if (references[f] <= 0) {
      throw new IllegalStateException("release of free frame " + frame);
    }
    if (--references[f] == 0) {
      used.clear(f);
      whole.asSlice((long) f << 12, 4096).fill((byte) 0xdd);
    }
  }

  @Override
  public synchronized int references(long frame) {
    return references[(int) frame];
  }

  @Override
  public MemorySegment segment(long frame, int count) {
    return whole.asSlice(frame << 12, (long) count << 12);
  }

  @Override
  public MemorySegment whole() {
    return whole;
  }

  @Override
  public synchronized long framesInUse() {
    return used.cardinality() - 1;
  }

  @Override
  public long frameLimit() {
    return limit;
  }
}
