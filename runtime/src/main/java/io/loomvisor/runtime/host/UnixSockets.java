package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Sockets in the file system (unix(7)), in a directory that is named by its descriptor: paths of
 * sockets have 108 bytes at most, those of containers are longer.
 */
public final class UnixSockets {
  private static final int SUN_PATH = 108;
  private static final int EADDRINUSE = 98;

  private UnixSockets() {}

  /** A datagram socket at {@code name} in {@code directory}; close-on-exec. */
  public static int bindDatagram(int directory, String name) throws IOException {
    return open(Libc.SOCK_DGRAM, "/proc/self/fd/" + directory + "/" + name, true);
  }

  /** A datagram socket that sends to {@code name} in {@code directory}. */
  public static int connectDatagram(int directory, String name) throws IOException {
    return open(Libc.SOCK_DGRAM, "/proc/self/fd/" + directory + "/" + name, false);
  }

  /** A stream to whoever listens at {@code path}. */
  public static int connectStream(String path) throws IOException {
    return open(Libc.SOCK_STREAM, path, false);
  }

  /**
   * A datagram socket with a name in this network namespace (abstract, unix(7)); close-on-exec. -1
   * if somebody has the name.
   */
  public static int claimName(String name) throws IOException {
    try {
      return open(Libc.SOCK_DGRAM, "\0" + name, true);
    } catch (IOException e) {
      if (e.getCause() instanceof LastErrorException l && l.getErrorCode() == EADDRINUSE) {
        return -1;
      }
      throw e;
    }
  }

  private static int open(int type, String path, boolean bind) throws IOException {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    if (bytes.length >= SUN_PATH) {
      throw new IOException("socket path is longer than " + (SUN_PATH - 1) + " bytes: " + path);
    }
    int fd = -1;
    // struct sockaddr_un: family 2, path.
    try (Memory address = new Memory(2 + SUN_PATH)) {
      address.clear();
      address.setShort(0, (short) Libc.AF_UNIX);
      address.write(2, bytes, 0, bytes.length);
      fd = Libc.socket(Libc.AF_UNIX, type | Libc.SOCK_CLOEXEC, 0);
      int length = 2 + bytes.length + 1;
      if (bind) {
        Libc.bind(fd, address, length);
      } else {
        Libc.connect(fd, address, length);
      }
      return fd;
    } catch (LastErrorException e) {
      if (fd >= 0) {
        Libc.close(fd);
      }
      throw new IOException((bind ? "bind " : "connect ") + path + ": " + e.getMessage(), e);
    }
  }
}
