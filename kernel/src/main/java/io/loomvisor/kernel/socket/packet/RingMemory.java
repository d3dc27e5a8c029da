package io.loomvisor.kernel.socket.packet;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.cache.PageStore;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The blocks of a ring, each of consecutive frames. They are there from the start, so that no actor
 * is needed to find one: immutable but for the counts of mappings and of those who use the blocks
 * just now. A ring may be taken away while another thread maps it; what is mapped too late has no
 * pages.
 */
final class RingMemory implements Mappable {
  private final PageStore pages;
  private final int pagesPerBlock;

  /** The first frame of each. */
  private final long[] blocks;

  private final AtomicInteger mappings = new AtomicInteger();

  /** The ring itself, and faults that look a frame up; at 0 the blocks are given up for good. */
  private final AtomicInteger users = new AtomicInteger(1);

  private RingMemory(PageStore pages, int pagesPerBlock, long[] blocks) {
    this.pages = pages;
    this.pagesPerBlock = pagesPerBlock;
    this.blocks = blocks;
  }

  /** ENOMEM. */
  static RingMemory allocate(PageStore pages, int blockSize, int count) {
    RingMemory m = new RingMemory(pages, blockSize >>> PageStore.PAGE_SHIFT, new long[count]);
    try {
      for (int i = 0; i < count; i++) {
        m.blocks[i] = pages.allocate(m.pagesPerBlock);
      }
    } catch (LinuxException e) {
      m.free();
      throw e;
    }
    return m;
  }

  int blockSize() {
    return pagesPerBlock << PageStore.PAGE_SHIFT;
  }

  int blocks() {
    return blocks.length;
  }

  MemorySegment block(int i) {
    return pages.segment(blocks[i], pagesPerBlock);
  }

  boolean mapped() {
    return mappings.get() > 0;
  }

  /** Gives up the frames, once; who still maps them keeps them. */
  void free() {
    leave();
  }

  private boolean enter() {
    return users.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      releaseAll();
    }
  }

  private void releaseAll() {
    for (long first : blocks) {
      for (int i = 0; first != 0 && i < pagesPerBlock; i++) {
        pages.release(first + i);
      }
    }
  }

  @Override
  public long frame(long index, boolean write) {
    if (index < 0 || index >= (long) blocks.length * pagesPerBlock || !enter()) {
      return 0;
    }
    try {
      long frame = blocks[(int) (index / pagesPerBlock)] + index % pagesPerBlock;
      pages.retain(frame);
      return frame;
    } finally {
      leave();
    }
  }

  @Override
  public long size() {
    return (long) blocks.length * blockSize();
  }

  /** Nothing is ever truncated, so nobody needs to hear of it. */
  @Override
  public void addMapping(MappingListener listener, long first, long end) {
    mappings.incrementAndGet();
  }

  @Override
  public void removeMapping(MappingListener listener, long first, long end) {
    mappings.decrementAndGet();
  }

  @Override
  public void sync(long first, long end) {}
}
