package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.KernelCaller;
import io.loomvisor.vfs.Ownership;
import io.loomvisor.vfs.io.HeapBuffer;
import java.util.Arrays;

/**
 * Makes upper inodes that are like lower ones (Linux: fs/overlayfs/copy_up.c). Runs with no actor
 * held.
 */
final class CopyUp {
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int CHUNK = 1 << 20;
  private static final int BLOCK = 4096;
  private static final byte[] ZEROS = new byte[BLOCK];

  private CopyUp() {}

  /** A new upper inode with everything of {@code from} but its data and its name. */
  static Inode attributes(OverlayFilesystem fs, Inode from) {
    FileStat s = from.stat();
    Ownership owner = new Ownership(s.uid(), s.gid(), s.mode());
    Inode made =
        FileMode.isSymlink(s.mode())
            ? fs.upper().createDetachedSymlink(owner, from.readlink(KernelCaller.ROOT))
            : fs.upper().createDetached(owner, s.rdev());
    try {
      xattrs(from, made);
      made.setAttributes(SetAttributes.ofTimes(s.atime(), s.mtime()));
    } catch (LinuxException e) {
      fs.upper().removeDetached(made);
      throw e;
    }
    return made;
  }

  /** What the upper layer cannot keep is left behind, as on Linux. */
  static void xattrs(Inode from, Inode to) {
    for (String name : from.listXattr()) {
      try {
        to.setXattr(name, from.getXattr(name), 0);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.ENODATA) {
          throw e;
        }
      }
    }
  }

  /**
   * Mode, owner, times and extended attributes of {@code from}, also upper, to {@code to}, which
   * may have some.
   */
  static void replaceAttributes(Inode from, Inode to) {
    to.listXattr().forEach(to::removeXattr);
    xattrs(from, to);
    FileStat s = from.stat();
    to.setAttributes(
        new SetAttributes(
            s.mode() & FileMode.PERMISSIONS, s.uid(), s.gid(), null, s.atime(), s.mtime()));
  }

  /** Copies the first {@code limit} bytes of {@code from}; holes and pages of zeros stay holes. */
  static void data(OverlayFilesystem fs, Inode from, Inode to, long limit) {
    FileDescription in =
        from.open(fs.lowerPlace(from), OpenFlags.O_RDONLY | OpenFlags.O_NOATIME, KernelCaller.ROOT);
    try {
      FileDescription out = to.open(null, OpenFlags.O_WRONLY, KernelCaller.ROOT);
      try {
        long size = Math.min(limit, in.seek(0, 2));
        copy(in, out, size);
        out.truncate(size);
      } finally {
        out.release();
      }
    } finally {
      in.release();
    }
  }

  private static void copy(FileDescription in, FileDescription out, long size) {
    byte[] chunk = new byte[(int) Math.min(size, CHUNK)];
    long at = 0;
    while (at < size) {
      long start = nextData(in, at, size);
      long end = start < size ? Math.min(size, nextHole(in, start, size)) : size;
      at = start;
      while (at < end) {
        int n =
            (int) in.pread(HeapBuffer.wrap(chunk, 0, (int) Math.min(chunk.length, end - at)), at);
        if (n == 0) {
          // The lower file is shorter than it was: the rest reads as zeros.
          return;
        }
        write(out, chunk, n, at);
        at += n;
      }
    }
  }

  /** Writes the runs of blocks that are not all zeros. */
  private static void write(FileDescription out, byte[] chunk, int length, long offset) {
    int from = 0;
    while (from < length) {
      int to = from;
      while (to < length && !isZero(chunk, to, length)) {
        to = Math.min(length, to + BLOCK);
      }
      HeapBuffer source = HeapBuffer.wrap(chunk, from, to - from);
      while (source.remaining() > 0) {
        out.pwrite(source, offset + source.position());
      }
      from = Math.max(to, Math.min(length, to + BLOCK));
    }
  }

  private static boolean isZero(byte[] chunk, int from, int length) {
    int to = Math.min(length, from + BLOCK);
    return Arrays.equals(chunk, from, to, ZEROS, 0, to - from);
  }

  private static long nextData(FileDescription in, long at, long size) {
    try {
      return in.seek(at, SEEK_DATA);
    } catch (LinuxException e) {
      // ENXIO: only a hole follows. Anything else: it cannot tell.
      return e.errno() == Errno.ENXIO ? size : at;
    }
  }

  private static long nextHole(FileDescription in, long at, long size) {
    try {
      return in.seek(at, SEEK_HOLE);
    } catch (LinuxException e) {
      return size;
    }
  }
}
