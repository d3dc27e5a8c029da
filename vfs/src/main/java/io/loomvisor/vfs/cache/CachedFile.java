package io.loomvisor.vfs.cache;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.vfs.cache.CachedPages.Mapping;
import io.loomvisor.vfs.cache.CachedPages.Plan;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The contents of one regular file whose bytes live in a {@link Storage}: its size, the pages read
 * so far, and which of them are mapped for writing.
 *
 * <p>Reads fill pages in runs, outside the actor, and enter them unless the file has changed
 * meanwhile. write(2) writes through: in the actor the bytes go to the storage and into the pages
 * that are cached, so writers of one file take turns (Linux: i_rwsem) and an error leaves the cache
 * as it was. It adds no pages. Pages handed out for shared writable mappings count as dirty and are
 * written back by {@link #writeBack}; they stay dirty as long as anybody maps them, since nothing
 * tells of further stores.
 *
 * <p>Reads and writes of the storage hold the calling carrier thread for as long as the host takes,
 * fsync does not.
 */
public final class CachedFile extends Actor implements Mappable {
  /**
   * How often a read of the storage is thrown away because the file changed meanwhile, before it is
   * done in the actor.
   */
  private static final int PATIENCE = 3;

  private final PageCache cache;
  private final PageStore store;
  private final Storage storage;
  private final CachedPages pages;
  private final boolean outsiders;
  private volatile long lastUse;

  public CachedFile(PageCache cache, Storage storage, long size) {
    this(cache, storage, size, false);
  }

  /**
   * @param outsiders whether others change the storage too: then {@link #readThrough} is to be used
   *     in place of {@link #read}, and {@link #check} tells of their changes
   */
  public CachedFile(PageCache cache, Storage storage, long size, boolean outsiders) {
    super(Rank.INODE);
    this.cache = cache;
    this.store = cache.store();
    this.storage = storage;
    this.outsiders = outsiders;
    this.pages = new CachedPages(this, cache, size, outsiders);
  }

  @Override
  public long size() {
    return pages.size();
  }

  /** By the clock of the {@link PageCache}. */
  long lastUse() {
    return lastUse;
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

  /**
   * As {@link #read}, but from the storage, for others write to it; what mappings here have stored
   * goes there before.
   */
  public long readThrough(IoTarget target, long offset, long limit) {
    long end = offset > Long.MAX_VALUE - limit ? Long.MAX_VALUE : offset + limit;
    writeBack(offset >>> PageStore.PAGE_SHIFT, CachedPages.wholePages(end));
    return storage.open(false, handle -> copy(handle, target, offset, limit));
  }

  private long copy(Storage.Handle handle, IoTarget target, long offset, long limit) {
    MemorySegment staged = cache.staging.take();
    long done = 0;
    try {
      while (done < limit) {
        long room = target.prepare(Math.min(limit - done, staged.byteSize()));
        long n = handle.read(staged.asSlice(0, room), offset + done);
        if (n <= 0) {
          break;
        }
        long taken = target.put(staged, 0, n);
        done += taken;
        if (taken < room) {
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

  private static long partial(long done, LinuxException e) {
    if (done == 0) {
      throw e;
    }
    return done;
  }

  /**
   * References to the cached pages from {@code offset} on, at least one, loaded if need be; null at
   * the end.
   */
  private Pinned pin(long offset, long length) {
    for (; ; ) {
      Pinned cached = ask(() -> pages.pinCached(offset, length));
      if (cached == null || cached.length() > 0) {
        return cached;
      }
      long frame = load(offset >>> PageStore.PAGE_SHIFT);
      if (frame != 0) {
        store.release(frame);
      }
    }
  }

  /**
   * Reads a run that holds page {@code index}; that page's frame with a reference, 0 if it is
   * beyond the end.
   */
  private long load(long index) {
    for (int tries = 0; ; tries++) {
      Plan wanted = ask(() -> pages.plan(index));
      if (wanted.count() == 0 && outsiders && wanted.frame() == 0) {
        wanted = planAnew(index); // they may have made it longer
      }
      if (wanted.count() == 0) {
        return wanted.frame();
      }
      Plan plan = wanted;
      long frames;
      try {
        frames = cache.allocate(plan.count());
      } catch (LinuxException e) {
        plan = wanted.onlyPage(index);
        frames = cache.allocate(1);
      }
      Long frame;
      try {
        frame = load(plan, frames, index, tries >= PATIENCE);
      } catch (LinuxException e) {
        release(frames, plan.count());
        throw e;
      }
      if (frame != null) {
        return frame;
      }
      release(frames, plan.count());
    }
  }

  private Plan planAnew(long index) {
    return storage.open(
        false,
        handle ->
            ask(
                () -> {
                  pages.grownTo(handle.stat().size());
                  return pages.plan(index);
                }));
  }

  /**
   * Null if the file has changed between reading and entering, which cannot be if it is {@code
   * held} meanwhile.
   */
  private Long load(Plan plan, long frames, long index, boolean held) {
    return storage.open(
        false,
        handle -> {
          if (held) {
            return ask(
                () -> {
                  Plan now = pages.current(plan);
                  fill(handle, now, frames);
                  return pages.enter(now, frames, index);
                });
          }
          fill(handle, plan, frames);
          return ask(
              () ->
                  plan.generation() == pages.generation()
                      ? pages.enter(plan, frames, index)
                      : null);
        });
  }

  private void release(long frames, int count) {
    for (int i = 0; i < count; i++) {
      store.release(frames + i);
    }
  }

  /**
   * Fills zeroed frames; what the storage does not have stays zero, as does what lies beyond the
   * end.
   */
  private void fill(Storage.Handle handle, Plan plan, long frames) {
    long offset = plan.first() << PageStore.PAGE_SHIFT;
    MemorySegment memory = store.segment(frames, plan.count());
    long wanted = Math.min(memory.byteSize(), plan.size() - offset);
    long done = 0;
    while (done < wanted) {
      long n = handle.read(memory.asSlice(done, wanted - done), offset + done);
      if (n <= 0) {
        break;
      }
      done += n;
    }
  }

  // Writing.

  /**
   * Writes up to {@code limit} bytes at {@code offset}, or at the end for {@code offset} -1; each
   * piece of 256 KiB in one step. EFBIG, ENOSPC and what else the storage says.
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

  private long write(
      Storage.Handle handle, IoSource source, long offset, long limit, long[] endAfter) {
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
        long written = ask(() -> writeHeld(handle, staged.asSlice(0, n), offset, at, endAfter));
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

  private long writeHeld(
      Storage.Handle handle, MemorySegment bytes, long offset, long before, long[] endAfter) {
    if (offset >= 0) {
      return writeHeld(handle, bytes, offset + before, endAfter);
    }
    return outsiders
        ? appendHeld(handle, bytes, endAfter)
        : writeHeld(handle, bytes, pages.size(), endAfter);
  }

  /** Where the end is the host knows. */
  private long appendHeld(Storage.Handle handle, MemorySegment bytes, long[] endAfter) {
    long done = 0;
    try {
      while (done < bytes.byteSize()) {
        long n = handle.append(bytes.asSlice(done));
        if (n <= 0) {
          throw Errno.EIO.exception();
        }
        endAfter[0] = handle.appended();
        pages.written(bytes.asSlice(done, n), endAfter[0] - n, n);
        done += n;
      }
    } catch (LinuxException e) {
      partial(done, e);
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
    pages.written(bytes, offset, done);
    endAfter[0] = offset + done;
    return done;
  }

  /** Sets the size; what lies beyond it goes, also from mappings. Called with no actor held. */
  public void truncate(long newSize) {
    List<Mapping> affected =
        storage.open(
            true,
            handle ->
                ask(
                    () -> {
                      handle.truncate(newSize);
                      return pages.resized(newSize);
                    }));
    invalidate(affected, CachedPages.wholePages(newSize));
  }

  /**
   * fallocate(2), with the modes that change bytes only by zeroing them and the size only upwards.
   */
  public void allocate(int mode, boolean zeroes, boolean keepsSize, long offset, long length) {
    storage.open(
        true,
        handle ->
            ask(
                () -> {
                  handle.allocate(mode, offset, length);
                  pages.allocated(zeroes, keepsSize, offset, offset + length);
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
    synchronizeStorage(dataOnly);
  }

  private void synchronizeStorage(boolean dataOnly) {
    storage.open(
        false,
        handle -> {
          SlowCall.run(() -> handle.sync(dataOnly));
          return null;
        });
  }

  /**
   * Writes what mappings have stored back to the storage; pages that could not be written stay
   * dirty.
   */
  public void writeBack() {
    writeBack(0, Long.MAX_VALUE);
  }

  private void writeBack(long first, long end) {
    if (pages.anyDirty()) {
      storage.open(
          true,
          handle ->
              ask(
                  () -> {
                    pages.writeBack(handle, first, end);
                    return null;
                  }));
    }
  }

  // Mapping.

  @Override
  public long frame(long index, boolean write) {
    lastUse = cache.tick();
    for (; ; ) {
      long f = ask(() -> pages.mapped(index, write));
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

  @Override
  public void cached(long index, int count, long[] frames, boolean write) {
    lastUse = cache.tick();
    ask(() -> pages.cached(index, count, frames, write));
  }

  @Override
  public void addMapping(MappingListener listener, long first, long end) {
    ask(() -> pages.addMapping(new Mapping(listener, first, end)));
  }

  @Override
  public void removeMapping(MappingListener listener, long first, long end) {
    ask(() -> pages.removeMapping(new Mapping(listener, first, end)));
  }

  @Override
  public void sync(long first, long end) {
    writeBack(first, end);
    synchronizeStorage(true);
  }

  // The end of pages.

  /** Drops up to {@code wanted} clean pages that nobody else refers to; returns how many. */
  long shrink(long wanted) {
    return ask(() -> pages.shrink(wanted));
  }

  /**
   * Looks whether others have changed the storage since this was called last, and if they have,
   * sees to it that mappings show what it has now. Bytes that mappings here have stored and nobody
   * else are written there. Called with no actor held.
   *
   * @return the storage's attributes as they are now
   */
  public FileStat check() {
    CachedPages.Outside outside =
        storage.open(
            false, handle -> ask(() -> pages.compare(handle.stat(), System.currentTimeMillis())));
    invalidate(outside.cut(), CachedPages.wholePages(outside.now().size()));
    if (outside.changed()) {
      boolean stores = pages.anyDirty();
      if (stores) {
        invalidate(ask(pages::mappings), 0);
      }
      storage.open(
          stores,
          handle ->
              ask(
                  () -> {
                    pages.refresh(handle);
                    return null;
                  }));
    }
    return outside.now();
  }

  private void invalidate(List<Mapping> mappings, long from) {
    for (Mapping m : mappings) {
      m.listener().invalidate(this, Math.max(from, m.first()), m.end());
    }
  }

  /**
   * Somebody else has changed the storage, whose size is {@code newSize} now. Mappings keep the
   * pages they have.
   */
  public void replaced(long newSize) {
    ask(() -> pages.replaced(newSize));
  }

  /** The file has neither a name nor a user: its pages go; as it is empty then, none will come. */
  public void discard() {
    replaced(0);
  }
}
