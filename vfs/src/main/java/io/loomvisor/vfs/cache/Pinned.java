package io.loomvisor.vfs.cache;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;

/**
 * Frames that hold a byte range of a file, one reference each; to be given back with {@link
 * #release}. Runs of consecutive frames are copied in one go.
 *
 * @param frames 0 is a hole
 * @param length bytes of the range
 */
public record Pinned(long[] frames, long length) {
  /**
   * Copies the range, which starts at file offset {@code offset}; returns bytes copied, fewer if
   * the target ends.
   */
  public long copyOut(PageStore store, long offset, IoTarget target) {
    long done = 0;
    int i = 0;
    while (done < length) {
      int run = run(i);
      long at = offset + done & PageStore.PAGE_SIZE - 1;
      long n = Math.min(length - done, ((long) run << PageStore.PAGE_SHIFT) - at);
      long copied;
      try {
        copied =
            frames[i] == 0 ? target.putZeros(n) : target.put(store.segment(frames[i], run), at, n);
      } catch (LinuxException e) {
        return partial(done, e);
      }
      done += copied;
      if (copied < n) {
        break;
      }
      i += run;
    }
    return done;
  }

  /** Fills the range from {@code source}; returns bytes copied. */
  public long copyIn(PageStore store, long offset, IoSource source) {
    long done = 0;
    int i = 0;
    while (done < length) {
      int run = run(i);
      long at = offset + done & PageStore.PAGE_SIZE - 1;
      long n = Math.min(length - done, ((long) run << PageStore.PAGE_SHIFT) - at);
      long copied;
      try {
        copied = source.get(store.segment(frames[i], run), at, n);
      } catch (LinuxException e) {
        return partial(done, e);
      }
      done += copied;
      if (copied < n) {
        break;
      }
      i += run;
    }
    return done;
  }

  public void copyIn(PageStore store, long offset, MemorySegment source) {
    long done = 0;
    int i = 0;
    while (done < length) {
      int run = run(i);
      long at = offset + done & PageStore.PAGE_SIZE - 1;
      long n = Math.min(length - done, ((long) run << PageStore.PAGE_SHIFT) - at);
      MemorySegment.copy(source, done, store.segment(frames[i], run), at, n);
      done += n;
      i += run;
    }
  }

  /** A fault behind what has been copied already is not one yet: how frames lie must not show. */
  private static long partial(long done, LinuxException e) {
    if (done == 0) {
      throw e;
    }
    return done;
  }

  public void release(PageStore store) {
    for (long f : frames) {
      if (f != 0) {
        store.release(f);
      }
    }
  }

  /** How many frames from {@code i} on are consecutive, or holes. */
  private int run(int i) {
    int n = 1;
    long f = frames[i];
    while (i + n < frames.length && frames[i + n] == (f == 0 ? 0 : f + n)) {
      n++;
    }
    return n;
  }
}
