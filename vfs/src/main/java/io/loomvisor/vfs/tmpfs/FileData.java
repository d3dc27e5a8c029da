package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.cache.Pinned;
import io.loomvisor.vfs.cache.SparsePages;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The contents of one regular file: a size and a sparse table of frames. Application memory is
 * never touched in here: {@link FileTransfer} takes frames with references ({@link #pinForRead},
 * {@link #pinForWrite}), copies with no actor held, and gives them back.
 */
final class FileData extends Actor implements Mappable {

  private record Mapping(MappingListener listener, long first, long end) {}

  private final PageStore store;
  private final PageBudget budget;
  private final SparsePages pages = new SparsePages();
  private final List<Mapping> mappings = new ArrayList<>();

  /** Written in the actor; stat and reads look at them from outside. */
  private volatile long size;

  private volatile long pageCount;
  private volatile int seals;

  /** Owned by the actor. */
  private int writableMappings;

  FileData(PageStore store, PageBudget budget, int seals) {
    super(Rank.INODE);
    this.store = store;
    this.budget = budget;
    this.seals = seals;
  }

  PageStore store() {
    return store;
  }

  @Override
  public long size() {
    return size;
  }

  /** Pages that have a frame. */
  long pageCount() {
    return pageCount;
  }

  int seals() {
    return seals;
  }

  /** fcntl(F_ADD_SEALS): EPERM once sealed with Sealable.F_SEAL_SEAL. */
  void addSeals(int added) {
    ask(
        () -> {
          if ((seals & Sealable.F_SEAL_SEAL) != 0) {
            throw Errno.EPERM.exception();
          }
          if ((added & Sealable.F_SEAL_WRITE) != 0 && writableMappings > 0) {
            throw Errno.EBUSY.exception();
          }
          seals |= added;
        });
  }

  /** Shared mappings that may be written, one more or less; EPERM if sealed against writing. */
  void countWritableMapping(int change) {
    ask(
        () -> {
          if (change > 0 && (seals & Sealable.F_SEAL_WRITE) != 0) {
            throw Errno.EPERM.exception();
          }
          writableMappings += change;
        });
  }

  /**
   * The frames of the pages that hold [offset, offset + length), with a reference each, 0 for
   * holes; cut at the end of the file. Null if {@code offset} is not before it.
   */
  Pinned pinForRead(long offset, long length) {
    return ask(
        () -> {
          long n = Math.min(length, size - offset);
          if (n <= 0) {
            return null;
          }
          long[] frames = new long[pagesOf(offset, n)];
          long first = offset >>> PageStore.PAGE_SHIFT;
          for (int i = 0; i < frames.length; i++) {
            long f = pages.get(first + i);
            if (f != 0) {
              store.retain(f);
              frames[i] = f;
            }
          }
          return new Pinned(frames, n);
        });
  }

  /**
   * As {@link #pinForRead} with every hole filled; the size stays until {@link #written}. Cut short
   * if memory ends, ENOSPC or ENOMEM if there is none at all.
   */
  Pinned pinForWrite(long offset, long length) {
    return ask(() -> pinForWriteHeld(offset, length));
  }

  private Pinned pinForWriteHeld(long offset, long length) {
    checkWriteSeals(offset, length);
    long[] frames = new long[pagesOf(offset, length)];
    long first = offset >>> PageStore.PAGE_SHIFT;
    long n = length;
    for (int i = 0; i < frames.length; i++) {
      try {
        frames[i] = present(first + i);
      } catch (LinuxException e) {
        if (i == 0) {
          throw e;
        }
        n = ((first + i) << PageStore.PAGE_SHIFT) - offset;
        frames = Arrays.copyOf(frames, i);
        break;
      }
      store.retain(frames[i]);
    }
    return new Pinned(frames, n);
  }

  private void checkWriteSeals(long offset, long length) {
    int s = seals;
    if ((s & (Sealable.F_SEAL_WRITE | Sealable.F_SEAL_FUTURE_WRITE)) != 0
        || (s & Sealable.F_SEAL_GROW) != 0 && offset + length > size) {
      throw Errno.EPERM.exception();
    }
  }

  /** The bytes up to {@code end} have been written through pinned frames. */
  void written(long end) {
    if (end > size) {
      ask(() -> size = Math.max(size, end));
    }
  }

  /**
   * Writes {@code length} bytes of {@code staged} at the end in one step; returns how many there
   * was room for.
   */
  long append(byte[] staged, int length, long[] endAfter) {
    return ask(
        () -> {
          long offset = size;
          if (offset > Long.MAX_VALUE - length) {
            throw Errno.EFBIG.exception();
          }
          Pinned pinned = pinForWriteHeld(offset, length);
          pinned.copyIn(store, offset, MemorySegment.ofArray(staged));
          pinned.release(store);
          size = offset + pinned.length();
          endAfter[0] = size;
          return pinned.length();
        });
  }

  /** Sets the size; what lies beyond it goes, also from mappings. EPERM if sealed. */
  void truncate(long newSize) {
    long firstGone = (newSize + PageStore.PAGE_SIZE - 1) >>> PageStore.PAGE_SHIFT;
    List<Mapping> affected =
        ask(
            () -> {
              int forbidden =
                  newSize < size
                      ? Sealable.F_SEAL_SHRINK
                      : newSize > size ? Sealable.F_SEAL_GROW : 0;
              if ((seals & forbidden) != 0) {
                throw Errno.EPERM.exception();
              }
              boolean shrinks = newSize < size;
              size = newSize;
              if (!shrinks) {
                return List.of();
              }
              free(firstGone, Long.MAX_VALUE >>> PageStore.PAGE_SHIFT);
              zero(newSize, firstGone << PageStore.PAGE_SHIFT);
              return touching(firstGone, Long.MAX_VALUE);
            });
    invalidate(affected, firstGone, Long.MAX_VALUE >>> PageStore.PAGE_SHIFT);
  }

  /** fallocate(2), FALLOC_FL_PUNCH_HOLE: whole pages go, parts are zeroed. */
  void punch(long offset, long length) {
    long end = offset + length;
    long first = (offset + PageStore.PAGE_SIZE - 1) >>> PageStore.PAGE_SHIFT;
    long last = end >>> PageStore.PAGE_SHIFT;
    List<Mapping> affected =
        ask(
            () -> {
              if ((seals & (Sealable.F_SEAL_WRITE | Sealable.F_SEAL_FUTURE_WRITE)) != 0) {
                throw Errno.EPERM.exception();
              }
              if (first > last) {
                zero(offset, end);
                return List.of();
              }
              zero(offset, first << PageStore.PAGE_SHIFT);
              zero(last << PageStore.PAGE_SHIFT, end);
              free(first, last);
              return touching(first, last);
            });
    invalidate(affected, first, last);
  }

  /**
   * fallocate(2): gives every page of the range a frame and, unless {@code keepSize}, extends the
   * file.
   */
  void allocate(long offset, long length, boolean keepSize) {
    ask(
        () -> {
          long end = offset + length;
          if ((seals & Sealable.F_SEAL_GROW) != 0 && end > size) {
            throw Errno.EPERM.exception();
          }
          long first = offset >>> PageStore.PAGE_SHIFT;
          long n = wholePages(end) - first;
          budget.check(n - pages.count());
          List<Long> added = new ArrayList<>();
          try {
            for (long i = first; i < first + n; i++) {
              if (pages.get(i) == 0) {
                present(i);
                added.add(i);
              }
            }
          } catch (LinuxException e) {
            added.forEach(i -> free(i, i + 1));
            throw Errno.ENOSPC.exception();
          }
          if (!keepSize && end > size) {
            size = end;
          }
        });
  }

  /** lseek(2), SEEK_DATA: ENXIO at or beyond the end or if only a hole follows. */
  long seekData(long offset) {
    return ask(
        () -> {
          long next =
              offset < 0 || offset >= size ? -1 : pages.next(offset >>> PageStore.PAGE_SHIFT);
          long at = Math.max(offset, next << PageStore.PAGE_SHIFT);
          if (next < 0 || at >= size) {
            throw Errno.ENXIO.exception();
          }
          return at;
        });
  }

  /** lseek(2), SEEK_HOLE: the end of the file counts as one. */
  long seekHole(long offset) {
    return ask(
        () -> {
          if (offset < 0 || offset >= size) {
            throw Errno.ENXIO.exception();
          }
          long hole = pages.nextAbsent(offset >>> PageStore.PAGE_SHIFT) << PageStore.PAGE_SHIFT;
          return Math.min(Math.max(offset, hole), size);
        });
  }

  /** The last name and the last description are gone. */
  void discard() {
    ask(
        () -> {
          size = 0;
          free(0, Long.MAX_VALUE >>> PageStore.PAGE_SHIFT);
        });
  }

  @Override
  public long frame(long index, boolean write) {
    return ask(() -> frameHeld(index));
  }

  private long frameHeld(long index) {
    if (index < 0 || index >= wholePages(size)) {
      return 0;
    }
    long f = present(index);
    store.retain(f);
    return f;
  }

  @Override
  public void cached(long index, int count, long[] frames, boolean write) {
    ask(
        () -> {
          long end = wholePages(size);
          for (int i = 0; i < count; i++) {
            long f = index + i < end ? pages.get(index + i) : 0;
            if (f != 0) {
              store.retain(f);
            }
            frames[i] = f;
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
  public void sync(long first, long end) {}

  /**
   * The frame of a page, allocated zeroed if it is a hole; no reference is taken for the caller.
   */
  private long present(long index) {
    long f = pages.get(index);
    if (f == 0) {
      budget.take();
      try {
        f = store.allocate();
      } catch (LinuxException e) {
        budget.give(1);
        throw e;
      }
      pages.set(index, f);
      pageCount = pages.count();
    }
    return f;
  }

  private void free(long first, long end) {
    long before = pages.count();
    pages.remove(first, end, store::release);
    pageCount = pages.count();
    budget.give(before - pages.count());
  }

  /** Zeroes [from, end), which lies in one page. */
  private void zero(long from, long end) {
    long f = from < end ? pages.get(from >>> PageStore.PAGE_SHIFT) : 0;
    if (f != 0) {
      store.segment(f, 1).asSlice(from & PageStore.PAGE_SIZE - 1, end - from).fill((byte) 0);
    }
  }

  private List<Mapping> touching(long first, long end) {
    return mappings.isEmpty()
        ? List.of()
        : mappings.stream().filter(m -> m.first < end && first < m.end).toList();
  }

  private void invalidate(List<Mapping> affected, long first, long end) {
    for (Mapping m : affected) {
      m.listener.invalidate(this, Math.max(first, m.first), Math.min(end, m.end));
    }
  }

  private static long wholePages(long bytes) {
    return (bytes >>> PageStore.PAGE_SHIFT) + ((bytes & PageStore.PAGE_SIZE - 1) != 0 ? 1 : 0);
  }

  private static int pagesOf(long offset, long length) {
    return (int)
        (((offset + length - 1) >>> PageStore.PAGE_SHIFT) - (offset >>> PageStore.PAGE_SHIFT) + 1);
  }
}
