package io.loomvisor.vfs.cache;

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
   * As {@link #frame} for read of up to {@code count} following pages in one go (fault-around):
   * fills {@code frames} with references taken, 0 where a page is not cheaply at hand. Index {@code
   * index} itself is always tried.
   */
  default void frames(long index, int count, long[] frames) {
    frames[0] = frame(index, false);
    for (int i = 1; i < count; i++) {
      frames[i] = 0;
    }
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
