package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.cache.Mappable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory of MAP_SHARED|MAP_ANONYMOUS: pages without a name that all address spaces which inherited
 * the mapping see. The frames go when the last address space lets go of it.
 */
final class SharedMemory extends Actor implements Mappable {
  private final MemoryFile memory;
  private final PageMap pages = new PageMap();
  private final AtomicInteger users = new AtomicInteger(1);
  private final long size;

  /**
   * @param size bytes, page-aligned; pages beyond it do not exist
   */
  SharedMemory(MemoryFile memory, long size) {
    super(Rank.INODE);
    this.memory = memory;
    this.size = size;
  }

  void addUser() {
    users.incrementAndGet();
  }

  void removeUser() {
    if (users.decrementAndGet() == 0) {
      discard(0, size >>> 12);
    }
  }

  @Override
  public long frame(long index, boolean write) {
    if (index < 0 || index >= size >>> 12) {
      return 0;
    }
    try {
      return ask(() -> frameOf(index));
    } catch (MemoryFile.OutOfMemoryException e) {
      throw Errno.ENOMEM.exception();
    }
  }

  private long frameOf(long index) {
    long frame = pages.get(index);
    if (frame == 0) {
      frame = memory.allocate();
      pages.set(index, frame);
    }
    memory.retain(frame);
    return frame;
  }

  @Override
  public void cached(long index, int count, long[] frames, boolean write) {
    ask(
        () -> {
          for (int i = 0; i < count; i++) {
            long frame = pages.get(index + i);
            if (frame != 0) {
              memory.retain(frame);
            }
            frames[i] = frame;
          }
        });
  }

  /** MADV_REMOVE: the pages read as zeros afterwards. The caller drops them from address spaces. */
  void discard(long first, long end) {
    ask(
        () -> {
          for (long p = pages.next(first, end); p < end; p = pages.next(p + 1, end)) {
            memory.release(pages.clear(p));
          }
        });
  }

  @Override
  public long size() {
    return size;
  }

  /** Nobody truncates it, so nobody has to be told. */
  @Override
  public void addMapping(MappingListener listener, long first, long end) {}

  @Override
  public void removeMapping(MappingListener listener, long first, long end) {}

  @Override
  public void sync(long first, long end) {}
}
