package io.loomvisor.vfs.cache;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The cached pages of many files, and the budget they share. When the budget is used up or the
 * store has no frame left, pages that nobody maps or reads are dropped from the files that were
 * used longest ago.
 *
 * <p>No actor: it holds counters and the set of files that have pages, and asks each file for its
 * own.
 */
public final class PageCache {
  /** The part of the budget freed in one go, so that reclaim is rare. */
  private static final int FREED_SHARE = 16;

  /** What a file with few cached pages takes of the heap, with its inodes. */
  private static final int HEAP_EACH = 2048;

  /** The part of the heap that such files may take. */
  private static final int HEAP_SHARE = 8;

  private record Aged(CachedFile file, long lastUse) {}

  private final PageStore store;
  private final long budget;

  /**
   * Frames to leave to others: with fewer left in the store, the cache shrinks before it takes one.
   */
  private final long reserve;

  /**
   * Files with pages at most, mapped and dirty ones beyond it: their inodes stay with the pages.
   */
  private final int mostFiles;

  private final AtomicLong pages = new AtomicLong();
  private final AtomicLong clock = new AtomicLong();
  private final Set<CachedFile> files = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean reclaiming = new AtomicBoolean();
  final StagingBuffers staging = new StagingBuffers();

  /**
   * @param budget pages to keep at most; mapped and dirty pages are kept beyond it
   */
  public PageCache(PageStore store, long budget) {
    this(
        store,
        budget,
        (int) Math.min(Runtime.getRuntime().maxMemory() / HEAP_SHARE / HEAP_EACH, 1 << 30));
  }

  /**
   * @param mostFiles files to keep pages of at most, likewise
   */
  PageCache(PageStore store, long budget, int mostFiles) {
    this.store = store;
    this.budget = budget;
    this.mostFiles = mostFiles;
    this.reserve = store.capacity() == Long.MAX_VALUE ? 0 : store.capacity() / FREED_SHARE;
  }

  /** With half of the store's frames as its budget. */
  public PageCache(PageStore store) {
    this(store, store.capacity() / 2);
  }

  PageStore store() {
    return store;
  }

  /** Pages cached now. */
  public long pages() {
    return pages.get();
  }

  /** The time of a use, for {@link CachedFile#lastUse}. */
  long tick() {
    return clock.incrementAndGet();
  }

  /**
   * {@code file} has {@code delta} pages more; {@code any}: it has some now. Called in the file's
   * actor.
   */
  void count(CachedFile file, long delta, boolean any) {
    pages.addAndGet(delta);
    if (any) {
      files.add(file);
    } else {
      files.remove(file);
    }
  }

  /**
   * Consecutive zeroed frames with a reference each; ENOMEM. Called with no actor of rank INODE or
   * lower held.
   */
  long allocate(int count) {
    boolean scarce = pages.get() + count > budget || store.available() - count < reserve;
    boolean tooMany = files.size() > mostFiles;
    if ((scarce || tooMany) && reclaiming.compareAndSet(false, true)) {
      try {
        if (scarce) {
          reclaim(count + budget / FREED_SHARE);
        } else {
          empty(1 + mostFiles / FREED_SHARE);
        }
      } finally {
        reclaiming.set(false);
      }
    }
    try {
      return store.allocate(count);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOMEM || reclaim(count + budget / FREED_SHARE) == 0) {
        throw e;
      }
      return store.allocate(count);
    }
  }

  /**
   * Drops up to about {@code wanted} clean pages that only the cache refers to; returns how many.
   */
  public long reclaim(long wanted) {
    long freed = 0;
    for (Aged a : oldestFirst()) {
      if (freed >= wanted) {
        break;
      }
      freed += a.file.shrink(wanted - freed);
    }
    return freed;
  }

  /** Drops the clean pages of about {@code wanted} files. */
  private void empty(int wanted) {
    int target = files.size() - wanted;
    for (Aged a : oldestFirst()) {
      if (files.size() <= target) {
        break;
      }
      a.file.shrink(Long.MAX_VALUE);
    }
  }

  private List<Aged> oldestFirst() {
    return files.stream()
        .map(f -> new Aged(f, f.lastUse()))
        .sorted(Comparator.comparingLong(Aged::lastUse))
        .toList();
  }

  /** Files that have pages now. */
  int files() {
    return files.size();
  }

  /**
   * sync(2): writes back what was written through shared mappings, file by file; the first error is
   * thrown at the end.
   */
  public void writeBack() {
    LinuxException failure = null;
    for (CachedFile f : files) {
      try {
        f.writeBack();
      } catch (LinuxException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
