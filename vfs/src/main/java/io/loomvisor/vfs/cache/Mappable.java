package io.loomvisor.vfs.cache;

import java.util.Arrays;

/**
 * A file as mmap(2) sees it: pages that can be asked for by index. Implementations are actors of
 * rank INODE or lower.
 */
public interface Mappable {
  /**
   * The frame of page {@code index}, with one reference taken for the caller. 0 if the page lies
   * wholly beyond the end of the file (SIGBUS). EIO if it cannot be read, ENOMEM.
   *
   * @param write the page will be written through a shared mapping: it is dirty from now on
   */
  long frame(long index, boolean write);

  /**
   * What is at hand of the {@code count} pages from {@code index} on (fault-around): fills {@code
   * frames} with references taken, 0 where a page would have to be read or made, or lies beyond the
   * end. Changes nothing that anybody could see.
   *
   * @param write the pages will be mapped so that they may be written through a shared mapping, of
   *     which nobody will tell: only those that need not be told apart by whether they were
   */
  default void cached(long index, int count, long[] frames, boolean write) {
    Arrays.fill(frames, 0, count, 0);
  }

  /** Current size in bytes. */
  long size();

  /**
   * Tells {@code listener} from now on when pages in [first, end) go away by truncation or hole
   * punching.
   */
  void addMapping(MappingListener listener, long first, long end);

  void removeMapping(MappingListener listener, long first, long end);

  /** msync(2), MS_SYNC: writes dirty pages of the range back. */
  void sync(long first, long end);

  /** A mapping that must drop pages. Called with no actor held. */
  interface MappingListener {
    void invalidate(Mappable file, long first, long end);
  }
}
