package io.loomvisor.vfs.cache;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.vfs.cache.Mappable.MappingListener;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * The state of a {@link CachedFile}. Everything runs in its actor, but for what reads the volatile
 * fields.
 */
final class CachedPages {
  /** Pages read from the storage in one go: aligned blocks of this many. */
  static final int RUN = 32;

  /** Bytes pinned for one step of a read. */
  private static final long STEP = 256L << PageStore.PAGE_SHIFT;

  /**
   * Milliseconds in which the host may give two changes of a file the same time; its clock for
   * files goes on by ticks of up to 10.
   */
  private static final long TICK = 50;

  record Mapping(MappingListener listener, long first, long end) {
    // By hand: linking a record's own ones would cost each start of a sandbox milliseconds.

    @Override
    public boolean equals(Object o) {
      return o instanceof Mapping other
          && listener.equals(other.listener)
          && first == other.first
          && end == other.end;
    }

    @Override
    public int hashCode() {
      return (listener.hashCode() * 31 + Long.hashCode(first)) * 31 + Long.hashCode(end);
    }
  }

  /**
   * What to load.
   *
   * @param frame if the page wanted was there after all: its frame with a reference
   * @param count pages to load from {@code first} on; 0: none
   * @param size the file's size, beyond which nothing is to be read
   * @param generation to be the same when the pages are entered
   */
  record Plan(long frame, long first, int count, long size, long generation) {
    static final Plan BEYOND_END = new Plan(0, 0, 0, 0, 0);

    Plan onlyPage(long index) {
      return new Plan(0, index, 1, size, generation);
    }
  }

  private final CachedFile file;
  private final PageCache cache;
  private final PageStore store;
  private final SparsePages pages = new SparsePages();

  /** Pages handed out for shared writable mappings and not known to be written back since. */
  private final TreeSet<Long> dirty = new TreeSet<>();

  /** What dirty pages were before they were; null unless others change the storage. */
  private final Twins twins;

  /** The storage as it was when others were last looked for; null: not yet, or look again. */
  private Version version;

  private final List<Mapping> mappings = new ArrayList<>();

  /**
   * Changes of contents and departures of pages so far: what was read before one must not be
   * entered after it.
   */
  private long generation;

  private volatile long size;
  private volatile boolean anyDirty;

  /** What tells that a file has changed. */
  private record Version(long size, FileTime mtime, FileTime ctime) {
    static Version of(FileStat s) {
      return new Version(s.size(), s.mtime(), s.ctime());
    }

    /** Whether another change now could leave the times as they are. */
    boolean recent(long now) {
      return now - (ctime.seconds() * 1000 + ctime.nanos() / 1_000_000) < TICK;
    }
  }

  CachedPages(CachedFile file, PageCache cache, long size, boolean outsiders) {
    this.file = file;
    this.cache = cache;
    this.store = cache.store();
    this.size = size;
    this.twins = outsiders ? new Twins() : null;
  }

  long size() {
    return size;
  }

  boolean anyDirty() {
    return anyDirty;
  }

  long generation() {
    return generation;
  }

  static long wholePages(long bytes) {
    return (bytes >>> PageStore.PAGE_SHIFT) + ((bytes & PageStore.PAGE_SIZE - 1) != 0 ? 1 : 0);
  }

  /** The page's frame with a reference, 0 if it is not cached. */
  private long retained(long index) {
    long f = pages.get(index);
    if (f != 0) {
      store.retain(f);
    }
    return f;
  }

  private void counted(long before) {
    long now = pages.count();
    if (now != before) {
      cache.count(file, now - before, now > 0);
    }
  }

  // Reading and loading.

  /**
   * The cached pages from {@code offset} on up to the first that is not, perhaps none; null at the
   * end of the file.
   */
  Pinned pinCached(long offset, long length) {
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
        : new Pinned(
            Arrays.copyOf(frames, i), i == 0 ? 0 : ((long) i << PageStore.PAGE_SHIFT) - within);
  }

  /** The absent pages around {@code index} within its block. */
  Plan plan(long index) {
    long end = wholePages(size);
    if (index < 0 || index >= end) {
      return Plan.BEYOND_END;
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

  /** The plan as it would be made now. */
  Plan current(Plan p) {
    return new Plan(0, p.first, p.count, size, generation);
  }

  /**
   * Takes the loaded frames over; those of pages that have come meanwhile are given back. Returns
   * the frame of page {@code index} with a reference, 0 if it is beyond the end by now.
   */
  long enter(Plan plan, long frames, long index) {
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

  /** The frame with a reference, marked dirty if it will be written; 0 if it is not cached. */
  long mapped(long index, boolean write) {
    if (index < 0 || index >= wholePages(size)) {
      return 0;
    }
    long f = retained(index);
    if (f != 0 && write) {
      if (dirty.add(index) && twins != null) {
        twins.keep(index, store.segment(f, 1));
      }
      anyDirty = true;
    }
    return f;
  }

  /**
   * {@link Mappable#cached}. To be written are those alone that are dirty already: they stay so
   * while they are mapped ({@link #writeBack}), so another store changes nothing.
   */
  void cached(long index, int count, long[] frames, boolean write) {
    long end = wholePages(size);
    for (int i = 0; i < count; i++) {
      boolean wanted = index + i < end && (!write || dirty.contains(index + i));
      frames[i] = wanted ? retained(index + i) : 0;
    }
  }

  // Changing.

  /** The storage has taken the first {@code length} of {@code bytes} at {@code offset}. */
  void written(MemorySegment bytes, long offset, long length) {
    generation++;
    long end = offset + length;
    if (end > size) {
      zeroTail();
    }
    for (long at = offset; at < end; ) {
      long within = at & PageStore.PAGE_SIZE - 1;
      long n = Math.min(PageStore.PAGE_SIZE - within, end - at);
      long frame = pages.get(at >>> PageStore.PAGE_SHIFT);
      if (frame != 0) {
        MemorySegment.copy(bytes, at - offset, store.segment(frame, 1), within, n);
        if (twins != null) {
          twins.written(at >>> PageStore.PAGE_SHIFT, bytes.asSlice(at - offset, n), within);
        }
      }
      at += n;
    }
    size = Math.max(size, end);
  }

  /**
   * The file is about to grow: what a mapping has stored beyond the end in the last page must not
   * show.
   */
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
        if (twins != null) {
          twins.zeroed(page, within, n);
        }
        at += n;
      }
    }
  }

  /** The storage has a new size; returns the mappings that have lost pages. */
  List<Mapping> resized(long newSize) {
    generation++;
    boolean shrinks = newSize < size;
    if (newSize > size) {
      zeroTail();
    }
    size = newSize;
    if (!shrinks) {
      return List.of();
    }
    long firstGone = wholePages(newSize);
    drop(firstGone);
    zero(newSize, firstGone << PageStore.PAGE_SHIFT);
    return mappings.stream().filter(m -> firstGone < m.end).toList();
  }

  /** The storage has space for [offset, end), which reads as zeros if {@code zeroed}. */
  void allocated(boolean zeroed, boolean keepsSize, long offset, long end) {
    generation++;
    if (zeroed) {
      zero(offset, Math.min(end, wholePages(size) << PageStore.PAGE_SHIFT));
    }
    if (!keepsSize && end > size) {
      zeroTail();
      size = end;
    }
  }

  /**
   * The storage has other contents than it had: nothing that is cached counts any more, but for
   * what mappings hold.
   */
  void replaced(long newSize) {
    generation++;
    drop(0);
    size = newSize;
  }

  private void drop(long firstGone) {
    long before = pages.count();
    pages.remove(firstGone, Long.MAX_VALUE >>> PageStore.PAGE_SHIFT, store::release);
    dirty.tailSet(firstGone, true).clear();
    if (twins != null) {
      twins.dropFrom(firstGone);
    }
    anyDirty = !dirty.isEmpty();
    counted(before);
  }

  /**
   * Writes dirty pages back; those that may be stored to again stay dirty, as does what cannot be
   * written.
   */
  void writeBack(Storage.Handle handle, long first, long end) {
    for (Long index : List.copyOf(dirty.subSet(first, end))) {
      long frame = pages.get(index);
      long offset = index << PageStore.PAGE_SHIFT;
      // Asked before the write: who maps the page may store to it until the mapping has gone.
      boolean mapped = store.references(frame) > 1;
      long n = Math.min(PageStore.PAGE_SIZE, size - offset);
      MemorySegment bytes = store.segment(frame, 1).asSlice(0, n);
      if (twins != null) {
        twins.writeStores(index, bytes, (part, at) -> write(handle, part, offset + at));
      } else {
        write(handle, bytes, offset);
      }
      if (!mapped) {
        dirty.remove(index);
        if (twins != null) {
          twins.drop(index);
        }
      }
    }
    anyDirty = !dirty.isEmpty();
  }

  private static void write(Storage.Handle handle, MemorySegment bytes, long offset) {
    for (long done = 0; done < bytes.byteSize(); ) {
      long w = handle.write(bytes.asSlice(done), offset + done);
      if (w <= 0) {
        throw Errno.EIO.exception();
      }
      done += w;
    }
  }

  // Others that change the storage.

  /** The storage has grown at least so far. */
  void grownTo(long newSize) {
    if (newSize > size) {
      resized(newSize);
    }
  }

  /**
   * What others have done to the storage.
   *
   * @param now its attributes
   * @param cut mappings that have lost pages, as it has become shorter
   * @param changed its contents may have changed since the last time: pages are not its any more
   */
  record Outside(FileStat now, List<Mapping> cut, boolean changed) {}

  /** Takes the size of the storage over. */
  Outside compare(FileStat now, long time) {
    Version v = Version.of(now);
    boolean same = v.equals(version);
    version = v.recent(time) ? null : v;
    List<Mapping> cut = now.size() == size ? List.of() : resized(now.size());
    return new Outside(now, cut, !same && pages.count() > 0);
  }

  List<Mapping> mappings() {
    return List.copyOf(mappings);
  }

  /**
   * Every page is to be the storage's: bytes stored by mappings are written there, pages that
   * nobody refers to go, others are read again. Those that may be stored to stay; they are for the
   * next time.
   */
  void refresh(Storage.Handle handle) {
    generation++;
    long before = pages.count();
    if (anyDirty) {
      writeBack(handle, 0, Long.MAX_VALUE);
    }
    for (long i = pages.next(0); i >= 0; i = pages.next(i + 1)) {
      if (dirty.contains(i)) {
        version = null;
      } else if (store.references(pages.get(i)) == 1) {
        pages.remove(i, i + 1, store::release);
      } else {
        readAgain(handle, i);
      }
    }
    counted(before);
  }

  private void readAgain(Storage.Handle handle, long index) {
    long offset = index << PageStore.PAGE_SHIFT;
    MemorySegment page = store.segment(pages.get(index), 1);
    long done = 0;
    long n = 1;
    while (done < page.byteSize() && n > 0) {
      n = handle.read(page.asSlice(done), offset + done);
      done += Math.max(0, n);
    }
    page.asSlice(done).fill((byte) 0);
  }

  /** Drops up to {@code wanted} clean pages that nobody else refers to; returns how many. */
  long shrink(long wanted) {
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
  }

  void addMapping(Mapping m) {
    mappings.add(m);
  }

  void removeMapping(Mapping m) {
    mappings.remove(m);
  }
}
