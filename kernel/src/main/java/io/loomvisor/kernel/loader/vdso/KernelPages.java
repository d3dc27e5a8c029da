package io.loomvisor.kernel.loader.vdso;

import io.loomvisor.platform.MemoryFile;
import io.loomvisor.vfs.cache.Mappable;

/**
 * One frame of the kernel's as something to map. It lives as long as the sandbox and never changes
 * its size.
 */
final class KernelPages implements Mappable {
  private final MemoryFile memory;
  private final long frame;

  KernelPages(MemoryFile memory, long frame) {
    this.memory = memory;
    this.frame = frame;
  }

  @Override
  public long frame(long index, boolean write) {
    if (index != 0) {
      return MemoryFile.NO_FRAME;
    }
    memory.retain(frame);
    return frame;
  }

  @Override
  public void cached(long index, int count, long[] frames, boolean write) {
    for (int i = 0; i < count; i++) {
      frames[i] = frame(index + i, write);
    }
  }

  @Override
  public long size() {
    return 4096;
  }

  @Override
  public void addMapping(MappingListener listener, long first, long end) {
    // Nothing ever goes away.
  }

  @Override
  public void removeMapping(MappingListener listener, long first, long end) {
    // See addMapping.
  }

  @Override
  public void sync(long first, long end) {
    // No file stands behind it.
  }
}
