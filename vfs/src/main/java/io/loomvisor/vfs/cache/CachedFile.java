package io.loomvisor.vfs.cache;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * The contents of one regular file whose bytes live in a {@link Storage}: its size, the pages read so far, and which of
 * them are mapped for writing.
 *
 * <p>Reads fill pages in runs, outside the actor, and enter them unless the file has changed meanwhile. write(2) writes
 * through: in the actor the bytes go to the storage and into the pages that are cached, so writers of one file take turns
 * (Linux: i_rwsem) and an error leaves the cache as it was. It adds no pages. Pages handed out for shared writable
 * mappings count as dirty and are written back by {@link #writeBack}; they stay dirty as long as anybody maps them, since
 * nothing tells of further stores.
 *
 * <p>Storage calls hold the calling carrier thread for as long as the host takes.
 */
public final class CachedFile extends Actor implements Mappable {
  /** Pages read from the storage in one go: aligned blocks of this many. */
  static final int RUN = 32;

  /** Bytes pinned for one step of a read. */
  private static final long STEP = 256L << PageStore.PAGE_SHIFT;

  /** How often a read of the storage is thrown away because the file changed meanwhile, before it is done in the actor. */
  private static final int PATIENCE = 3;

  private record Mapping(MappingListener listener, long first, long end) {}

  /** What to load: pages [first, first + count) of a file of {@code size} bytes; or the frame if it was there after all. */
  private record Plan(long frame, long first, int count, long size, long generation) {}

  private final PageCache cache;
  private final PageStore store;
  private final Storage storage;
  private final SparsePages pages = new SparsePages();
  private final TreeSet<Long> dirty = new TreeSet<>();
  private final List<Mapping> mappings = new ArrayList<>();

  /** Changes of contents and departures of pages so far: what was read before one must not be entered after it. */
  private long generation;

  /** Written in the actor; stat and reads look at them from outside. */
  private volatile long size;

  private volatile boolean anyDirty;
  private volatile long lastUse;

  public CachedFile(PageCache cache, Storage storage, long size) {
    super(Rank.INODE);
    this.cache = cache;
    this.store = cache.store();
    this.storage = storage;
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  /** By the clock of the {@link PageCache}. */
  long lastUse() {
    return lastUse;
  }

  private static long wholePages(long bytes) {
    return (bytes >>> PageStore.PAGE_SHIFT) + ((bytes & PageStore.PAGE_SIZE - 1) != 0 ? 1 : 0);
  }

  // Reading.

  /** Up to {@code limit} bytes from {@code offset} on; 0 at or beyond the end. */
  public long read(IoTarget target, long offset, long limit) {
    lastUse = cache.tick();
    long done = 0;
    while (done < limit) {
      long n;
      try {
        Pinned pinned = pin(offset + done, limit - done);
        if (pinned == null) {
          break;
        }
        try {
          n = pinned.copyOut(store, offset + done, target);
        } finally {
          pinned.release(store);
        }
        done += n;
        if (n < pinned.length()) {
          break;
        }
      } catch (LinuxException e) {
        return partial(done, e);
      }
    }
    return done;
  }

  private static long partial(long done, LinuxException e) {
    if (done == 0) {
      throw e;
    }
    return done;
  }

  /** References to the cached pages from {@code offset} on, at least one, loaded if need be; null at the end. */
  private Pinned pin(long offset, long length) {
    for (; ; ) {
      Pinned cached = ask(() -> pinCached(offset, length));
      if (cached == null || cached.length() > 0) {
        return cached;
      }
      long frame = load(offset >>> PageStore.PAGE_SHIFT);
      if (frame != 0) {
        store.release(frame);
      }
    }
  }

  private Pinned pinCached(long offset, long length) {
    long within = offset & PageStore.PAGE_SIZE - 1;
    long n = Math.min(Math.min(length, STEP - within), size - offset);
    if (offset < 0 || n <= 0) {
      return null;
    }
    long first = offset >>> PageStore.PAGE_SHIFT;
    long[] frames = new long[(int) wholePages(within + n)];
    int i = 0;
    while (i < frames.length && (frames[i] = retained(first + i)) != 0) {
      i++;
    }
    return i == frames.length
        ? new Pinned(frames, n)
        : new Pinned(Arrays.copyOf(frames, i), i == 0 ? 0 : ((long) i << PageStore.PAGE_SHIFT) - within);
  }

  private long retained(long index) {
    long f = pages.get(index);
    if (f != 0) {
      store.retain(f);
    }
    return f;
  }

  /** Reads a run that holds page {@code index}; that page's frame with a reference, 0 if it is beyond the end. */
  private long load(long index) {
    for (int tries = 0; ; tries++) {
      Plan plan = ask(() -> plan(index));
      if (plan.count == 0) {
        return plan.frame;
      }
      Plan run = plan;
      long frames;
      try {
        frames = cache.allocate(run.count);
      } catch (LinuxException e) {
        run = new Plan(0, index, 1, plan.size, plan.generation);
        frames = cache.allocate(1);
      }
      Plan last = run;
      long start = frames;
      boolean held = tries >= PATIENCE;
      Long frame;
      try {
        frame =
            storage.open(
                false,
                handle -> {
                  if (held) {
                    return ask(() -> read(handle, current(last), start) ? enter(current(last), start, index) : null);
                  }
                  read(handle, last, start);
                  return ask(() -> last.generation == generation ? enter(last, start, index) : null);
                });
      } catch (LinuxException e) {
        release(start, last.count);
        throw e;
      }
      if (frame != null) {
        return frame;
      }
      release(start, last.count);
    }
  }

  private Plan current(Plan p) {
    return new Plan(0, p.first, p.count, size, generation);
  }

  private void release(long frames, int count) {
    for (int i = 0; i < count; i++) {
      store.release(frames + i);
    }
  }

  /** The absent pages around {@code index} within its block. */
  private Plan plan(long index) {
    long end = wholePages(size);
    if (index < 0 || index >= end) {
      return new Plan(0, 0, 0, 0, 0);
    }
    long present = retained(index);
    if (present != 0) {
      return new Plan(present, 0, 0, 0, 0);
    }
    long from = index;
    while (from > (index & -RUN) && pages.get(from - 1) == 0) {
      from--;
    }
    long to = index + 1;
    while (to < Math.min(end, (index & -RUN) + RUN) && pages.get(to) == 0) {
      to++;
    }
    return new Plan(0, from, (int) (to - from), size, generation);
  }

  /** Fills zeroed frames; what the storage does not have stays zero, as does what lies beyond the end. Always true. */
  private boolean read(Storage.Handle handle, Plan plan, long frames) {
    long offset = plan.first << PageStore.PAGE_SHIFT;
    MemorySegment memory = store.segment(frames, plan.count);
    long wanted = Math.min(memory.byteSize(), plan.size - offset);
    long done = 0;
    while (done < wanted) {
      long n = handle.read(memory.asSlice(done, wanted - done), offset + done);
      if (n <= 0) {
        break;
      }
      done += n;
    }
    return true;
  }

  /** Takes the loaded frames over; those of pages that have come meanwhile are given back. */
  private long enter(Plan plan, long frames, long index) {
    long before = pages.count();
    long end = wholePages(size);
    for (int i = 0; i < plan.count; i++) {
      if (plan.first + i >= end || pages.get(plan.first + i) != 0) {
        store.release(frames + i);
      } else {
        pages.set(plan.first + i, frames + i);
      }
    }
    counted(before);
    return retained(index);
  }

  private void counted(long before) {
    long now = pages.count();
    if (now != before) {
      cache.count(this, now - before, now > 0);
    }
  }

  // Writing.

  /**
   * Writes up to {@code limit} bytes at {@code offset}, or at the end for {@code offset} -1; each piece of 256 KiB in one
   * step. EFBIG, ENOSPC and what else the storage says.
   *
   * @param endAfter receives the end of the last byte written
   */
  public long write(IoSource source, long offset, long limit, long[] endAfter) {
    if (offset >= 0 && limit > Long.MAX_VALUE - offset) {
      throw Errno.EFBIG.exception();
    }
    if (limit == 0) {
      return 0;
    }
    return storage.open(true, handle -> write(handle, source, offset, limit, endAfter));
  }

  private long write(Storage.Handle handle, IoSource source, long offset, long limit, long[] endAfter) {
    MemorySegment staged = cache.staging.take();
    long done = 0;
    try {
      while (done < limit) {
        long wanted = Math.min(limit - done, staged.byteSize());
        long n = source.get(staged, 0, wanted);
        if (n == 0) {
          break;
        }
        long at = done;
        long written = ask(() -> writeHeld(handle, staged.asSlice(0, n), offset < 0 ? size : offset + at, endAfter));
        done += written;
        if (written < wanted) {
          break;
        }
      }
    } catch (LinuxException e) {
      return partial(done, e);
    } finally {
      cache.staging.give(staged);
    }
    return done;
  }

  private long writeHeld(Storage.Handle handle, MemorySegment bytes, long offset, long[] endAfter) {
    if (bytes.byteSize() > Long.MAX_VALUE - offset) {
      throw Errno.EFBIG.exception();
    }
    long done = 0;
    try {
      while (done < bytes.byteSize()) {
        long n = handle.write(bytes.asSlice(done), offset + done);
        if (n <= 0) {
          throw Errno.EIO.exception();
        }
        done += n;
      }
    } catch (LinuxException e) {
      partial(done, e);
    }
    generation++;
    long end = offset + done;
    if (end > size) {
      zeroTail();
    }
    for (long at = offset; at < end; ) {
      long within = at & PageStore.PAGE_SIZE - 1;
      long n = Math.min(PageStore.PAGE_SIZE - within, end - at);
      long frame = pages.get(at >>> PageStore.PAGE_SHIFT);
      if (frame != 0) {
        MemorySegment.copy(bytes, at - offset, store.segment(frame, 1), within, n);
      }
      at += n;
    }
    size = Math.max(size, end);
    endAfter[0] = end;
    return done;
  }

  /** The file is about to grow: what a mapping has stored beyond the end in the last page must not show. */
  private void zeroTail() {
    zero(size, wholePages(size) << PageStore.PAGE_SHIFT);
  }

  /** Zeroes the cached bytes of [from, end). */
  private void zero(long from, long end) {
    long at = from;
    while (at < end) {
      long page = pages.next(at >>> PageStore.PAGE_SHIFT);
      if (page < 0) {
        return;
      }
      at = Math.max(at, page << PageStore.PAGE_SHIFT);
      if (at < end) {
        long within = at & PageStore.PAGE_SIZE - 1;
        long n = Math.min(PageStore.PAGE_SIZE - within, end - at);
        store.segment(pages.get(page), 1).asSlice(within, n).fill((byte) 0);
        at += n;
      }
    }
  }

  /** Sets the size; what lies beyond it goes, also from mappings. Called with no actor held. */
  public void truncate(long newSize) {
    long firstGone = wholePages(newSize);
    List<Mapping> affected =
        storage.open(
            true,
            handle ->
                ask(
                    () -> {
                      handle.truncate(newSize);
                      return resized(newSize, firstGone);
                    }));
    for (Mapping m : affected) {
      m.listener.invalidate(this, Math.max(firstGone, m.first), m.end);
    }
  }

  private List<Mapping> resized(long newSize, long firstGone) {
    generation++;
    boolean shrinks = newSize < size;
    if (newSize > size) {
      zeroTail();
    }
    size = newSize;
    if (!shrinks) {
      return List.of();
    }
    drop(firstGone);
    zero(newSize, firstGone << PageStore.PAGE_SHIFT);
    return mappings.stream().filter(m -> firstGone < m.end).toList();
  }

  private void drop(long firstGone) {
    long before = pages.count();
    pages.remove(firstGone, Long.MAX_VALUE >>> PageStore.PAGE_SHIFT, store::release);
    dirty.tailSet(firstGone, true).clear();
    anyDirty = !dirty.isEmpty();
    counted(before);
  }

  /** fallocate(2), with the modes that change bytes only by zeroing them and the size only upwards. */
  public void allocate(int mode, boolean zeroes, boolean keepsSize, long offset, long length) {
    storage.open(
        true,
        handle ->
            ask(
                () -> {
                  handle.allocate(mode, offset, length);
                  generation++;
                  long end = offset + length;
                  if (zeroes) {
                    zero(offset, Math.min(end, wholePages(size) << PageStore.PAGE_SHIFT));
                  }
                  if (!keepsSize && end > size) {
                    zeroTail();
                    size = end;
                  }
                  return null;
                }));
  }

  /** lseek(2), SEEK_DATA 3 and SEEK_HOLE 4. */
  public long seek(long offset, int whence) {
    writeBack();
    return storage.open(false, handle -> handle.seek(offset, whence));
  }

  /** fsync(2). */
  public void synchronize(boolean dataOnly) {
    writeBack();
    storage.open(
        false,
        handle -> {
          handle.sync(dataOnly);
          return null;
        });
  }

  /** Writes what mappings have stored back to the storage; pages that could not be written stay dirty. */
  public void writeBack() {
    writeBack(0, Long.MAX_VALUE);
  }

  private void writeBack(long first, long end) {
    if (anyDirty) {
      storage.open(true, handle -> ask(() -> writeBackHeld(handle, first, end)));
    }
  }

  /** Returns the number of pages written. */
  private long writeBackHeld(Storage.Handle handle, long first, long end) {
    long written = 0;
    for (Long index : List.copyOf(dirty.subSet(first, end))) {
      long frame = pages.get(index);
      long offset = index << PageStore.PAGE_SHIFT;
      // Asked before the write: who maps the page may store to it until the mapping has gone.
      boolean mapped = store.references(frame) > 1;
      long n = Math.min(PageStore.PAGE_SIZE, size - offset);
      for (long done = 0; done < n; ) {
        long w = handle.write(store.segment(frame, 1).asSlice(done, n - done), offset + done);
        if (w <= 0) {
          throw Errno.EIO.exception();
        }
        done += w;
      }
      written++;
      if (!mapped) {
        dirty.remove(index);
      }
    }
    anyDirty = !dirty.isEmpty();
    return written;
  }

  // Mapping.

  @Override
  public long frame(long index, boolean write) {
    lastUse = cache.tick();
    for (; ; ) {
      long f = ask(() -> mapped(index, write));
      if (f != 0) {
        return f;
      }
      f = load(index);
      if (f == 0 || !write) {
        return f;
      }
      store.release(f);
    }
  }

  /** The cached frame with a reference, marked dirty if it will be written; 0 if it is not cached. */
  private long mapped(long index, boolean write) {
    if (index < 0 || index >= wholePages(size)) {
      return 0;
    }
    long f = retained(index);
    if (f != 0 && write) {
      dirty.add(index);
      anyDirty = true;
    }
    return f;
  }

  @Override
  public void frames(long index, int count, long[] frames) {
    frames[0] = frame(index, false);
    ask(
        () -> {
          long end = wholePages(size);
          for (int i = 1; i < count; i++) {
            frames[i] = index + i < end ? retained(index + i) : 0;
          }
        });
  }

  @Override
  public void addMapping(MappingListener listener, long first, long end) {
    ask(
        () -> {
          mappings.add(new Mapping(listener, first, end));
        });
  }

  @Override
  public void removeMapping(MappingListener listener, long first, long end) {
    ask(
        () -> {
          mappings.remove(new Mapping(listener, first, end));
        });
  }

  @Override
  public void sync(long first, long end) {
    writeBack(first, end);
    storage.open(
        false,
        handle -> {
          handle.sync(true);
          return null;
        });
  }

  // The end of pages.

  /** Drops up to {@code wanted} clean pages that nobody else refers to; returns how many. */
  long shrink(long wanted) {
    return ask(
        () -> {
          long before = pages.count();
          long left = wanted;
          for (long i = pages.next(0); i >= 0 && left > 0; i = pages.next(i + 1)) {
            if (store.references(pages.get(i)) == 1 && !dirty.contains(i)) {
              pages.remove(i, i + 1, store::release);
              left--;
            }
          }
          if (left < wanted) {
            generation++;
          }
          counted(before);
          return before - pages.count();
        });
  }

  /** The file has neither a name nor a user: its pages go; as it is empty then, none will come. */
  public void discard() {
    ask(
        () -> {
          generation++;
          drop(0);
          size = 0;
        });
  }
}
