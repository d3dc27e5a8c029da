package io.loomvisor.vfs.tmpfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.cache.Pinned;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;

/**
 * Moves bytes between a file's frames and application buffers, with no actor held while it copies.
 */
final class FileTransfer {
  /** Bytes per step: bounds the frames pinned at once. */
  private static final long STEP = 256L * PageStore.PAGE_SIZE;

  private FileTransfer() {}

  /** Reads up to {@code limit} bytes at {@code offset}. */
  static long read(FileData data, IoTarget target, long offset, long limit) {
    long done = 0;
    while (done < limit) {
      Pinned pinned = data.pinForRead(offset + done, step(offset + done, limit - done));
      if (pinned == null) {
        break;
      }
      long n;
      try {
        n = pinned.copyOut(data.store(), offset + done, target);
      } catch (LinuxException e) {
        return partial(done, e);
      } finally {
        pinned.release(data.store());
      }
      done += n;
      if (n < pinned.length()) {
        break;
      }
    }
    return done;
  }

  /** Writes up to {@code limit} bytes at {@code offset}; EFBIG, ENOSPC. */
  static long write(FileData data, IoSource source, long offset, long limit) {
    if (limit > Long.MAX_VALUE - offset) {
      throw Errno.EFBIG.exception();
    }
    long done = 0;
    while (done < limit) {
      Pinned pinned;
      long n = 0;
      try {
        // Brings the source in before frames are allocated for it, so that a bad pointer changes
        // nothing.
        long ready = source.prepare(step(offset + done, limit - done));
        if (ready == 0) {
          break;
        }
        pinned = data.pinForWrite(offset + done, ready);
      } catch (LinuxException e) {
        return partial(done, e);
      }
      try {
        n = pinned.copyIn(data.store(), offset + done, source);
      } catch (LinuxException e) {
        return partial(done, e);
      } finally {
        pinned.release(data.store());
        if (n > 0) {
          data.written(offset + done + n);
        }
      }
      done += n;
      if (n < pinned.length()) {
        break;
      }
    }
    return done;
  }

  /**
   * Appends all of {@code source}: each step goes through the heap, so that what one call appends
   * stays in one piece and nobody sees the size before the bytes.
   *
   * @param endAfter receives the end of the last byte written
   */
  static long append(FileData data, IoSource source, long[] endAfter) {
    long done = 0;
    while (source.remaining() > 0) {
      try {
        byte[] staged = new byte[(int) Math.min(STEP, source.remaining())];
        int n = (int) source.get(MemorySegment.ofArray(staged), 0, staged.length);
        long m = data.append(staged, n, endAfter);
        done += m;
        if (m < staged.length) {
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

  private static long step(long offset, long wanted) {
    return Math.min(wanted, STEP - (offset & PageStore.PAGE_SIZE - 1));
  }
}
