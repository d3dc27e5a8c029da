package io.loomvisor.platform.kvm.memory;

import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Knows which frames are free. Three kinds: never used (from {@link #next} up: zero, and populated
 * up to {@link #populated}), clean (punched out: zero), and dirty (zeroed when given out again).
 * Lowest numbers go first, to stay compact.
 */
final class FrameActor extends Actor {
  /** Never-used frames are populated in steps of 1 MiB, growing to 4 MiB. */
  private static final int POPULATE_FRAMES = 256;

  private static final int POPULATE_MOST = 1024;

  /**
   * Dirty frames that are kept however long nobody wants them, 16 MiB. To use one again costs
   * zeroing it, 0.2 µs; one that the host has to find again costs 4.
   */
  private static final int KEPT = 4096;

  /**
   * The most that is kept while it may be wanted again: an eighth of the limit, but 32 to 256 MiB.
   */
  private static final int LEAST_HIGH = 8192;

  private static final int MOST_HIGH = 65536;

  /** Frames that are given back to the host in one step of {@link #giveBackUnused}. */
  private static final int STEP = 1024;

  /** Shorter runs are left to KVM to find, page by page. */
  private static final int SHOWN = 4;

  /** Runs of dirty frames looked at for one that is long enough. */
  private static final int TRIES = 32;

  private final MemoryFileImpl file;
  private final MemoryFileImpl.ChunkListener listener;
  private final long limit;
  private final BitSet clean = new BitSet();
  private final BitSet dirty = new BitSet();

  /** No free frame of the kind is below its hint. */
  private int cleanHint;

  private int dirtyHint;
  private int dirtyCount;

  /** More dirty frames are given back at once. */
  private final int dirtyHigh;

  /** The fewest dirty frames since {@link #giveBackUnused} looked: nobody has needed these. */
  private int leastDirty;

  private long next;
  private long populated;
  private int openChunks;

  /**
   * Written in the actor. From then on frames are neither given out nor taken back: the file is
   * gone.
   */
  private volatile boolean closed;

  /** Written in the actor; read by anybody. */
  private final AtomicLong inUse = new AtomicLong();

  FrameActor(MemoryFileImpl file, MemoryFileImpl.ChunkListener listener, long limit, int reserved) {
    super(Rank.FRAMES);
    this.file = file;
    this.listener = listener;
    this.limit = limit;
    this.dirtyHigh = Math.clamp(limit / 8, LEAST_HIGH, MOST_HIGH);
    this.next = reserved;
    this.populated = reserved;
    inUse.set(reserved);
    openUpTo(reserved);
  }

  long inUse() {
    return inUse.get();
  }

  boolean closed() {
    return closed;
  }

  /** False if it was closed before. */
  boolean close() {
    return ask(
        () -> {
          boolean first = !closed;
          closed = true;
          return first;
        });
  }

  private void requireOpen() {
    if (closed) {
      throw new Platform.ClosedException();
    }
  }

  /** One zeroed frame. The zeroing happens outside the actor. */
  long allocate() {
    long taken = ask(this::take);
    if (taken == MemoryFile.NO_FRAME) {
      throw new MemoryFile.OutOfMemoryException();
    }
    long frame = Math.abs(taken);
    if (taken < 0) {
      file.zero(frame, 1);
    }
    return frame;
  }

  /** The frame, negated if it is dirty. */
  private long take() {
    requireOpen();
    long frame = dirtyCount > 0 ? takeDirty() : takeZero();
    if (frame != MemoryFile.NO_FRAME) {
      file.claim(Math.abs(frame));
      inUse.incrementAndGet();
    }
    return frame;
  }

  private long takeDirty() {
    int frame = dirty.nextSetBit(dirtyHint);
    dirty.clear(frame);
    dirtyHint = frame + 1;
    removed(1);
    return -frame;
  }

  private long takeZero() {
    int frame = clean.nextSetBit(cleanHint);
    if (frame >= 0) {
      clean.clear(frame);
      cleanHint = frame + 1;
      return frame;
    }
    cleanHint = Integer.MAX_VALUE;
    if (next >= limit) {
      return MemoryFile.NO_FRAME;
    }
    openUpTo(next + 1);
    populateUpTo(next + 1);
    return next++;
  }

  private void removed(int count) {
    dirtyCount -= count;
    leastDirty = Math.min(leastDirty, dirtyCount);
  }

  /**
   * Consecutive frames. Dirty ones are made ready outside the actor.
   *
   * @param zeroed false if the caller overwrites all of it
   */
  long allocateRun(int count, int align, boolean zeroed) {
    long taken = ask(() -> takeRun(count, align));
    if (taken == MemoryFile.NO_FRAME) {
      throw new MemoryFile.OutOfMemoryException();
    }
    long first = Math.abs(taken);
    if (taken < 0) {
      if (zeroed) {
        file.zero(first, count);
      }
      if (count >= SHOWN) {
        file.showToKvm(first, count);
      }
    }
    return first;
  }

  /** The first frame, negated if the run is dirty. */
  private long takeRun(int count, int align) {
    requireOpen();
    long first = takeDirtyRun(count, align);
    boolean used = first != MemoryFile.NO_FRAME;
    if (!used) {
      first = takeZeroRun(count, align);
      if (first == MemoryFile.NO_FRAME) {
        return first;
      }
    }
    for (long frame = first; frame < first + count; frame++) {
      file.claim(frame);
    }
    inUse.addAndGet(count);
    return used ? -first : first;
  }

  /** Among the lowest runs of dirty frames. */
  private int takeDirtyRun(int count, int align) {
    int at = dirtyCount < count ? -1 : dirty.nextSetBit(dirtyHint);
    for (int tries = 0; at >= 0 && tries < TRIES; tries++) {
      int first = at + align - 1 & -align;
      int end = dirty.nextClearBit(at);
      if (end - first >= count) {
        dirty.clear(first, first + count);
        removed(count);
        return first;
      }
      at = dirty.nextSetBit(end);
    }
    return (int) MemoryFile.NO_FRAME;
  }

  /** All of it zero. */
  private long takeZeroRun(int count, int align) {
    long first = next + align - 1 & -align;
    if (first + count <= limit) {
      openUpTo(first + count);
      for (long skipped = next; skipped < first; skipped++) {
        addClean((int) skipped);
      }
      next = first + count;
      populateUpTo(next);
      return first;
    }
    return findRun(count, align);
  }

  /**
   * A run among the freed frames; linear, and only needed once the never-used ones are exhausted.
   */
  private long findRun(int count, int align) {
    BitSet free = (BitSet) clean.clone();
    free.or(dirty);
    for (int at = free.nextSetBit(0); at >= 0; at = free.nextSetBit(at)) {
      int first = at + align - 1 & -align;
      int end = free.nextClearBit(first);
      if (end - first >= count) {
        for (int frame = first; frame < first + count; frame++) {
          takeOut(frame);
        }
        return first;
      }
      at = Math.max(end, first);
    }
    return MemoryFile.NO_FRAME;
  }

  private void takeOut(int frame) {
    if (dirty.get(frame)) {
      dirty.clear(frame);
      removed(1);
      file.zero(frame, 1);
    } else {
      clean.clear(frame);
    }
  }

  /** Called by whoever dropped the last reference. */
  void free(long frame) {
    ask(() -> addDirty((int) frame));
  }

  private void addDirty(int frame) {
    if (closed) {
      return;
    }
    dirty.set(frame);
    dirtyHint = Math.min(dirtyHint, frame);
    dirtyCount++;
    inUse.decrementAndGet();
    if (dirtyCount > dirtyHigh) {
      giveBack(dirtyHigh / 2);
    }
  }

  /**
   * Gives those dirty frames back to the host that have lain there since the last call, but for
   * {@link #KEPT}. In small steps, so that nobody waits long for a frame.
   */
  void giveBackUnused() {
    int[] unused = {ask(this::takeUnused)};
    while (unused[0] > 0) {
      unused[0] -= ask(() -> giveBackSome(Math.min(unused[0], STEP)));
    }
  }

  private int takeUnused() {
    int unused = leastDirty - KEPT;
    leastDirty = dirtyCount;
    return unused;
  }

  /** Returns {@code count}, also if so many are not left to give back. */
  private int giveBackSome(int count) {
    if (!closed && dirtyCount - count >= KEPT) {
      giveBack(dirtyCount - count);
    }
    return count;
  }

  private void addClean(int frame) {
    clean.set(frame);
    cleanHint = Math.min(cleanHint, frame);
  }

  /** Punches the highest dirty frames out of the file, run by run, down to {@code left}. */
  private void giveBack(int left) {
    int end = dirty.length();
    while (dirtyCount > left && end > 0) {
      int last = dirty.previousSetBit(end - 1);
      if (last < 0) {
        return;
      }
      int first = Math.max(dirty.previousClearBit(last) + 1, last + 1 - (dirtyCount - left));
      if (!file.punch(first, last - first + 1)) {
        return;
      }
      dirty.clear(first, last + 1);
      removed(last - first + 1);
      for (int frame = first; frame <= last; frame++) {
        addClean(frame);
      }
      end = first;
    }
  }

  private void openUpTo(long end) {
    while ((long) openChunks << MemoryFileImpl.CHUNK_SHIFT < end) {
      file.openChunk(openChunks, listener);
      openChunks++;
    }
  }

  private void populateUpTo(long end) {
    if (end <= populated) {
      return;
    }
    long step = Math.clamp((end >>> 4) & -POPULATE_FRAMES, POPULATE_FRAMES, POPULATE_MOST);
    long target = Math.min(limit, Math.max(end, populated + step));
    target = Math.min(target, (long) openChunks << MemoryFileImpl.CHUNK_SHIFT);
    file.populate(populated, target - populated);
    populated = target;
  }
}
