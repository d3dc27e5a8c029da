package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * The cached pages of one read-only file. Pages are read from the source in runs with no actor held, then entered; if two
 * read the same page, the first to enter wins.
 */
final class CachedFile extends Actor implements Mappable {
  /** Pages read from the source in one go. */
  private static final int RUN = 32;

  /** Where the bytes come from; called with no actor held. */
  interface Source {
    /** Fills native {@code target}; bytes read, 0 at the end of the file. */
    long read(MemorySegment target, long offset);
  }

  private final PageStore store;
  private final Source source;
  private final long size;
  private final Map<Long, Long> pages = new HashMap<>();

  CachedFile(PageStore store, long size, Source source) {
    super(Rank.INODE);
    this.store = store;
    this.size = size;
    this.source = source;
  }

  @Override
  public long size() {
    return size;
  }

  private long pageCount() {
    return (size + PageStore.PAGE_SIZE - 1) >>> PageStore.PAGE_SHIFT;
  }

  /** read(2): up to {@code limit} bytes at {@code offset}. */
  long read(IoTarget target, long offset, long limit) {
    long end = Math.min(size, offset + Math.min(limit, size));
    long at = offset;
    while (at < end) {
      long frame;
      long copied;
      try {
        frame = frame(at >>> PageStore.PAGE_SHIFT, false);
      } catch (LinuxException e) {
        return partial(at - offset, e);
      }
      long within = at & PageStore.PAGE_SIZE - 1;
      long n = Math.min(PageStore.PAGE_SIZE - within, end - at);
      try {
        copied = target.put(store.segment(frame, 1), within, n);
      } catch (LinuxException e) {
        return partial(at - offset, e);
      } finally {
        store.release(frame);
      }
      at += copied;
      if (copied < n) {
        break;
      }
    }
    return Math.max(0, at - offset);
  }

  private static long partial(long done, LinuxException e) {
    if (done == 0) {
      throw e;
    }
    return done;
  }

  @Override
  public long frame(long index, boolean write) {
    if (index < 0 || index >= pageCount()) {
      return 0;
    }
    long f = ask(() -> retained(index));
    if (f != 0) {
      return f;
    }
    return fill(index);
  }

  private long retained(long index) {
    Long f = pages.get(index);
    if (f == null) {
      return 0;
    }
    store.retain(f);
    return f;
  }

  /** Reads a run that holds {@code index}; the page's frame, with a reference. */
  private long fill(long index) {
    long first = index & -RUN;
    int count = (int) Math.min(RUN, pageCount() - first);
    long frames = store.allocate(count);
    MemorySegment memory = store.segment(frames, count);
    try {
      long done = 0;
      while (done < memory.byteSize()) {
        long n = source.read(memory.asSlice(done), (first << PageStore.PAGE_SHIFT) + done);
        if (n <= 0) {
          break; // the host's file has become shorter: what is missing reads as zeros
        }
        done += n;
      }
    } catch (LinuxException e) {
      for (int i = 0; i < count; i++) {
        store.release(frames + i);
      }
      throw e;
    }
    return ask(
        () -> {
          for (int i = 0; i < count; i++) {
            if (pages.putIfAbsent(first + i, frames + i) != null) {
              store.release(frames + i);
            }
          }
          return retained(index);
        });
  }

  @Override
  public void frames(long index, int count, long[] frames) {
    frames[0] = frame(index, false);
    ask(
        () -> {
          for (int i = 1; i < count; i++) {
            frames[i] = retained(index + i);
          }
        });
  }

  @Override
  public void addMapping(MappingListener listener, long first, long end) {} // nothing of it ever goes away

  @Override
  public void removeMapping(MappingListener listener, long first, long end) {}

  @Override
  public void sync(long first, long end) {}
}
