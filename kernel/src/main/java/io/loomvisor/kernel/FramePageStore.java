package io.loomvisor.kernel;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.vfs.cache.PageStore;
import java.lang.foreign.MemorySegment;

/**
 * The page cache's frames are the machine's frames: an adapter, so that vfs need not know the
 * platform.
 */
public final class FramePageStore implements PageStore {
  private final MemoryFile memory;

  public FramePageStore(MemoryFile memory) {
    this.memory = memory;
  }

  @Override
  public long allocate() {
    try {
      return memory.allocate();
    } catch (MemoryFile.OutOfMemoryException e) {
      throw Errno.ENOMEM.exception();
    }
  }

  @Override
  public long allocate(int count) {
    try {
      return memory.allocate(count, 1);
    } catch (MemoryFile.OutOfMemoryException e) {
      throw Errno.ENOMEM.exception();
    }
  }

  @Override
  public void retain(long frame) {
    memory.retain(frame);
  }

  @Override
  public void release(long frame) {
    memory.release(frame);
  }

  @Override
  public int references(long frame) {
    return memory.references(frame);
  }

  @Override
  public MemorySegment segment(long frame, int count) {
    return memory.segment(frame, count);
  }

  @Override
  public long capacity() {
    return memory.frameLimit();
  }

  @Override
  public long available() {
    return memory.frameLimit() - memory.framesInUse();
  }
}
