package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Descriptors of the host's files, for calls that take one. */
public final class HostFile {
  private static final int OWNERS = 0600;
  private static final int LOCK_EX = 2;

  private HostFile() {}

  /** Follows symbolic links; close-on-exec. The caller closes it. */
  public static int openReadOnly(String path) throws IOException {
    try {
      return Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC);
    } catch (LastErrorException e) {
      throw new IOException("open " + path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Makes the file if it is missing, and waits until no other descriptor holds its lock (flock(2)),
   * which this one has until it is closed. Close-on-exec.
   *
   * @throws NoSuchFileException its directory is missing
   */
  public static int openLocked(String path) throws IOException {
    int fd = -1;
    try {
      fd = Libc.open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, OWNERS);
      lock(fd);
      return fd;
    } catch (LastErrorException e) {
      if (fd >= 0) {
        Libc.close(fd);
      }
      if (e.getErrorCode() == Libc.ENOENT) {
        throw new NoSuchFileException(path);
      }
      throw new IOException("lock " + path + ": " + e.getMessage(), e);
    }
  }

  private static void lock(int fd) {
    for (; ; ) {
      try {
        Libc.flock(fd, LOCK_EX);
        return;
      } catch (LastErrorException e) {
        if (e.getErrorCode() != Libc.EINTR) {
          throw e;
        }
      }
    }
  }

  /** Makes a named pipe that its owner alone may open. */
  public static void makePipe(String path) throws IOException {
    try {
      Libc.mkfifo(path, OWNERS);
    } catch (LastErrorException e) {
      throw new IOException("mkfifo " + path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens a named pipe in both directions, so that it has no end while this descriptor is open.
   * Non-blocking, close-on-exec.
   */
  public static int openPipe(String path) throws IOException {
    try {
      return Libc.open(path, Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_CLOEXEC);
    } catch (LastErrorException e) {
      throw new IOException("open " + path + ": " + e.getMessage(), e);
    }
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

  public static void close(int fd) {
    Libc.close(fd);
  }

  /** A terminal, for reading and writing, without becoming its session's leader. */
  public static int openTerminal(String path) throws IOException {
    try {
      return Libc.open(path, Libc.O_RDWR | Libc.O_NOCTTY | Libc.O_CLOEXEC);
    } catch (LastErrorException e) {
      throw new IOException("open " + path + ": " + e.getMessage(), e);
    }
  }
}
