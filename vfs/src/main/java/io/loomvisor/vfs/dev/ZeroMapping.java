package io.loomvisor.vfs.dev;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.cache.PageStore;
import java.util.HashMap;
import java.util.Map;

/**
 * One mapping of /dev/zero: pages that are zero until written, shared by whoever inherits the
 * mapping. A private mapping works but holds each page twice; mmap(2) had better make anonymous
 * memory when it meets this class with MAP_PRIVATE.
 */
public final class ZeroMapping extends Actor implements Mappable {
  private final PageStore pages;

  /** Frames by page index, one reference each. */
  private final Map<Long, Long> frames = new HashMap<>();

  ZeroMapping(PageStore pages) {
    super(Rank.INODE);
    this.pages = pages;
  }

  @Override
  public long frame(long index, boolean write) {
    return ask(
        () -> {
          long frame = frames.computeIfAbsent(index, i -> pages.allocate());
          pages.retain(frame);
          return frame;
        });
  }

  @Override
  public long size() {
    return Long.MAX_VALUE & -(long) PageStore.PAGE_SIZE;
  }

  /** Nothing is ever truncated, so nobody needs to hear of it. */
  @Override
  public void addMapping(MappingListener listener, long first, long end) {}

  @Override
  public void removeMapping(MappingListener listener, long first, long end) {}

  @Override
  public void sync(long first, long end) {}

  void free() {
    ask(
        () -> {
          frames.values().forEach(pages::release);
          frames.clear();
        });
  }
}
