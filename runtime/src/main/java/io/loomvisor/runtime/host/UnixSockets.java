package io.loomvisor.runtime.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Sockets in the file system (unix(7)), in a directory that is named by its descriptor: paths of
 * sockets have 108 bytes at most, those of containers are longer.
 */
public final class UnixSockets {
  private static final int SUN_PATH = 108;
  private static final int POLLFD_SIZE = 8;
  private static final int POLLIN = 1;
  private static final int FOR_EVER = -1;

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

  /**
   * A socket that waits for connections that keep messages apart (SOCK_SEQPACKET), with a name in
   * this network namespace; close-on-exec.
   */
  public static int listen(String name) throws IOException {
    int fd = open(SocketAbi.SOCK_SEQPACKET, "\0" + name, true);
    Syscall.checked("listen", Syscall.result(SocketAbi.NR_LISTEN, fd, 1));
    return fd;
  }

  /** Connects to the socket of {@link #listen}. */
  public static int connectMessages(String name) throws IOException {
    return open(SocketAbi.SOCK_SEQPACKET, "\0" + name, false);
  }

  /**
   * The first connection to {@code listener}; close-on-exec. -1 if nobody has the other end of
   * {@code pipe}, which this process writes to, any more before there is one.
   */
  public static int accept(int listener, int pipe) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      // struct pollfd: fd 0, events 4, revents 6. POLLERR (pipe(7)) comes unasked for.
      MemorySegment set = arena.allocate(2L * POLLFD_SIZE, 8);
      set.set(ValueLayout.JAVA_INT, 0, listener);
      set.set(ValueLayout.JAVA_INT, 4, POLLIN);
      set.set(ValueLayout.JAVA_INT, POLLFD_SIZE, pipe);
      long r;
      do {
        r = Syscall.result(arena, SocketAbi.NR_POLL, set.address(), 2, FOR_EVER);
      } while (r == Errno.EINTR.result());
      Syscall.checked("poll", r);
      if (set.get(ValueLayout.JAVA_INT, 4) >>> 16 == 0) {
        return -1;
      }
      int flags = SocketAbi.SOCK_CLOEXEC;
      return (int) Syscall.call(arena, "accept", SocketAbi.NR_ACCEPT4, listener, 0, 0, flags);
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
