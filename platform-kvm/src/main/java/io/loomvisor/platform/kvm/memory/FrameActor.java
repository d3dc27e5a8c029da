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

  /** Dirty frames beyond this (32 MiB) are given back to the host, down to half of it. */
  private static final int DIRTY_HIGH = 8192;

  private static final int DIRTY_LOW = DIRTY_HIGH / 2;

  private final MemoryFileImpl file;
  private final MemoryFileImpl.ChunkListener listener;
  private final long limit;
  private final BitSet clean = new BitSet();
  private final BitSet dirty = new BitSet();

  /** No free frame of the kind is below its hint. */
  private int cleanHint;

  private int dirtyHint;
  private int dirtyCount;
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
      file.zero(frame);
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
    dirtyCount--;
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

  long allocateRun(int count, int align) {
    long first = ask(() -> takeRun(count, align));
    if (first == MemoryFile.NO_FRAME) {
      throw new MemoryFile.OutOfMemoryException();
    }
    return first;
  }

  private long takeRun(int count, int align) {
    requireOpen();
    long first = next + align - 1 & -align;
    if (first + count <= limit) {
      openUpTo(first + count);
      for (long skipped = next; skipped < first; skipped++) {
        addClean((int) skipped);
      }
      next = first + count;
      populateUpTo(next);
    } else {
      first = findRun(count, align);
      if (first == MemoryFile.NO_FRAME) {
        return first;
      }
    }
    for (long frame = first; frame < first + count; frame++) {
      file.claim(frame);
    }
    inUse.addAndGet(count);
    return first;
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
      dirtyCount--;
      file.zero(frame);
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
    if (dirtyCount > DIRTY_HIGH) {
      giveBack();
    }
  }

  private void addClean(int frame) {
    clean.set(frame);
    cleanHint = Math.min(cleanHint, frame);
  }

  /** Punches the highest dirty frames out of the file, run by run. */
  private void giveBack() {
    int end = dirty.length();
    while (dirtyCount > DIRTY_LOW && end > 0) {
      int last = dirty.previousSetBit(end - 1);
      if (last < 0) {
        return;
      }
      int first = dirty.previousClearBit(last) + 1;
      if (!file.punch(first, last - first + 1)) {
        return;
      }
      dirty.clear(first, last + 1);
      dirtyCount -= last - first + 1;
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
