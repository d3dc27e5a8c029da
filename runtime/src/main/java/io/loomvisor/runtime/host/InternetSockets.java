package io.loomvisor.runtime.host;

import io.loomvisor.net.wire.IpAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** UDP and TCP sockets of the host, made for a sentry that may not make any. */
public final class InternetSockets {
  /** struct sockaddr_in: family 0, port 2 and address 4 in network order. */
  private static final int ADDRESS_SIZE = 16;

  private InternetSockets() {}

  /** A non-blocking descriptor that exchanges datagrams with one IPv4 address; close-on-exec. */
  public static int connectDatagram(IpAddress address, int port) throws IOException {
    return connect("UDP", SocketAbi.SOCK_DGRAM | SocketAbi.SOCK_NONBLOCK, address, port);
  }

  /** A blocking descriptor that is connected; close-on-exec. Waits for the connection. */
  public static int connectStream(IpAddress address, int port) throws IOException {
    return connect("TCP", SocketAbi.SOCK_STREAM, address, port);
  }

  private static int connect(String kind, int type, IpAddress address, int port)
      throws IOException {
    String what = kind + " to " + address;
    try (Arena arena = Arena.ofConfined()) {
      int closing = type | SocketAbi.SOCK_CLOEXEC;
      long fd = Syscall.call(arena, what, SocketAbi.NR_SOCKET, SocketAbi.AF_INET, closing, 0);
      MemorySegment to = arena.allocate(ADDRESS_SIZE, 8);
      to.set(ValueLayout.JAVA_SHORT, 0, (short) SocketAbi.AF_INET);
      to.set(ValueLayout.JAVA_SHORT, 2, Short.reverseBytes((short) port));
      to.set(ValueLayout.JAVA_INT, 4, Integer.reverseBytes(address.intValue()));
      long r = Syscall.result(arena, SocketAbi.NR_CONNECT, fd, to.address(), ADDRESS_SIZE);
      if (r < 0) {
        HostFile.close((int) fd);
      }
      Syscall.checked(what, r);
      return (int) fd;
    }
  }
}
