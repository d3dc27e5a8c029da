package io.loomvisor.runtime.host;

import io.loomvisor.gofer.abi.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Descriptors of the host's files, for calls that take one. */
public final class HostFile {
  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0100;
  static final int O_NOCTTY = 0400;
  static final int O_NONBLOCK = 04000;
  static final int O_CLOEXEC = 02000000;

  private static final int NR_OPEN = 2;
  private static final int NR_CLOSE = 3;
  private static final int NR_FLOCK = 73;
  private static final int NR_MKNOD = 133;
  private static final int S_IFIFO = 0010000;
  private static final int OWNERS = 0600;
  private static final int LOCK_EX = 2;

  private HostFile() {}

  /** Follows symbolic links; close-on-exec. The caller closes it. */
  public static int openReadOnly(String path) throws IOException {
    return open(path, O_RDONLY);
  }

  /**
   * Makes the file if it is missing, and waits until no other descriptor holds its lock (flock(2)),
   * which this one has until it is closed. Close-on-exec.
   *
   * @throws NoSuchFileException its directory is missing
   */
  public static int openLocked(String path) throws IOException {
    long opened = result(path, O_RDWR | O_CREAT);
    if (opened == Errno.ENOENT.result()) {
      throw new NoSuchFileException(path);
    }
    int fd = (int) Syscall.checked("lock " + path, opened);
    long r;
    do {
      r = Syscall.result(NR_FLOCK, fd, LOCK_EX);
    } while (r == Errno.EINTR.result());
    if (r < 0) {
      close(fd);
    }
    Syscall.checked("lock " + path, r);
    return fd;
  }

  /** Makes a named pipe that its owner alone may open. */
  public static void makePipe(String path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long name = Syscall.string(arena, path);
      Syscall.call(arena, "mkfifo " + path, NR_MKNOD, name, S_IFIFO | OWNERS, 0);
    }
  }

  /**
   * Opens a named pipe in both directions, so that it has no end while this descriptor is open.
   * Non-blocking, close-on-exec.
   */
  public static int openPipe(String path) throws IOException {
    return open(path, O_RDWR | O_NONBLOCK);
  }

  /** A terminal, for reading and writing, without becoming its session's leader. */
  public static int openTerminal(String path) throws IOException {
    return open(path, O_RDWR | O_NOCTTY);
  }

  private static int open(String path, int flags) throws IOException {
    return (int) Syscall.checked("open " + path, result(path, flags));
  }

  private static long result(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      long name = Syscall.string(arena, path);
      return Syscall.result(arena, NR_OPEN, name, flags | O_CLOEXEC, OWNERS);
    }
  }

  public static void close(int fd) {
    Syscall.result(NR_CLOSE, fd);
  }

  /** Whether {@code path} is a name of the file that {@code fd} is. */
  public static boolean isAt(int fd, Path path) throws IOException {
    try {
      Path held = Path.of("/proc/self/fd/" + fd);
      return key(held).equals(key(path));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }
}
