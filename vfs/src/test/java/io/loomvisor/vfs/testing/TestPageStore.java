package io.loomvisor.vfs.testing;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.cache.PageStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Frames in plain memory, with reference counts that are checked. */
public final class TestPageStore implements PageStore {
  private final MemorySegment memory;
  private final int[] references;
  private int used;

  public TestPageStore(int frames) {
    memory = Arena.ofAuto().allocate((long) frames * PAGE_SIZE, PAGE_SIZE);
    references = new int[frames];
  }

  @Override
  public synchronized long allocate() {
    return allocate(1);
  }

  @Override
  public synchronized long allocate(int count) {
    int run = 0;
    for (int i = 0; i < references.length; i++) {
      run = references[i] == 0 ? run + 1 : 0;
      if (run == count) {
        int first = i - count + 1;
        for (int f = first; f <= i; f++) {
          references[f] = 1;
        }
        used += count;
        segment(first + 1, count).fill((byte) 0);
        return first + 1;
      }
    }
    throw Errno.ENOMEM.exception();
  }

  @Override
  public synchronized void retain(long frame) {
    if (references[(int) frame - 1]++ == 0) {
      throw new AssertionError("retain of a free frame");
    }
  }

  @Override
  public synchronized void release(long frame) {
    int left = --references[(int) frame - 1];
    if (left < 0) {
      throw new AssertionError("release of a free frame");
    }
    if (left == 0) {
      used--;
    }
  }

  @Override
  public synchronized int references(long frame) {
    return references[(int) frame - 1];
  }

  @Override
  public MemorySegment segment(long frame, int count) {
    return memory.asSlice((frame - 1) * PAGE_SIZE, (long) count * PAGE_SIZE);
  }

  /** Frames with at least one reference. */
  public synchronized int used() {
    return used;
  }
}
