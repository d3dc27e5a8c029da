package io.loomvisor.runtime.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;

/**
 * Sockets in the file system (unix(7)), in a directory that is named by its descriptor: paths of
 * sockets have 108 bytes at most, those of containers are longer.
 */
public final class UnixSockets {
  private static final int SUN_PATH = 108;

  private UnixSockets() {}

  /** A datagram socket at {@code name} in {@code directory}; close-on-exec. */
  public static int bindDatagram(int directory, String name) throws IOException {
    return open(SocketAbi.SOCK_DGRAM, "/proc/self/fd/" + directory + "/" + name, true);
  }

  /** A datagram socket that sends to {@code name} in {@code directory}. */
  public static int connectDatagram(int directory, String name) throws IOException {
    return open(SocketAbi.SOCK_DGRAM, "/proc/self/fd/" + directory + "/" + name, false);
  }

  /** A stream to whoever listens at {@code path}. */
  public static int connectStream(String path) throws IOException {
    return open(SocketAbi.SOCK_STREAM, path, false);
  }

  /**
   * A datagram socket with a name in this network namespace (abstract, unix(7)); close-on-exec. -1
   * if somebody has the name.
   */
  public static int claimName(String name) throws IOException {
    try {
      return open(SocketAbi.SOCK_DGRAM, "\0" + name, true);
    } catch (IOException e) {
      if (e.getCause() instanceof LinuxException l && l.errno() == Errno.EADDRINUSE) {
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
    byte[] address = new byte[2 + bytes.length + 1]; // struct sockaddr_un: family 2, path
    address[0] = SocketAbi.AF_UNIX;
    System.arraycopy(bytes, 0, address, 2, bytes.length);
    String what = (bind ? "bind " : "connect ") + path;
    try (Arena arena = Arena.ofConfined()) {
      int cloexec = type | SocketAbi.SOCK_CLOEXEC;
      long fd = Syscall.call(arena, what, SocketAbi.NR_SOCKET, SocketAbi.AF_UNIX, cloexec, 0);
      long at = Syscall.bytes(arena, address).address();
      int call = bind ? SocketAbi.NR_BIND : SocketAbi.NR_CONNECT;
      long r = Syscall.result(arena, call, fd, at, address.length);
      if (r < 0) {
        HostFile.close((int) fd);
      }
      Syscall.checked(what, r);
      return (int) fd;
    }
  }
}
