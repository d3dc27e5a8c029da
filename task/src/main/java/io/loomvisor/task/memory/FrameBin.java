package io.loomvisor.task.memory;

import io.loomvisor.platform.MemoryFile;
import java.util.Arrays;

/**
 * References to frames that are to be given back after the next flush. Belongs to the memory
 * manager's actor.
 */
final class FrameBin {
  private static final int KEEP = 1024;

  private long[] frames = new long[8];
  private int count;

  void add(long frame) {
    if (count == frames.length) {
      frames = Arrays.copyOf(frames, count * 2);
    }
    frames[count++] = frame;
  }

  boolean isEmpty() {
    return count == 0;
  }

  void releaseAll(MemoryFile memory) {
    for (int i = 0; i < count; i++) {
      memory.release(frames[i]);
    }
    count = 0;
    if (frames.length > KEEP) {
      frames = new long[8];
    }
  }
}
