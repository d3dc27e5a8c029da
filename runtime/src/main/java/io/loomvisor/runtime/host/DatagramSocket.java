package io.loomvisor.runtime.host;

import io.loomvisor.net.wire.IpAddress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** UDP sockets of the host, made before the sentry locks itself in. */
public final class DatagramSocket {
  /** struct sockaddr_in: family 0, port 2 and address 4 in network order. */
  private static final int ADDRESS_SIZE = 16;

  private DatagramSocket() {}

  /** A non-blocking descriptor that exchanges datagrams with one IPv4 address; close-on-exec. */
  public static int connect(IpAddress address, int port) throws IOException {
    String what = "UDP to " + address;
    try (Arena arena = Arena.ofConfined()) {
      int type = SocketAbi.SOCK_DGRAM | SocketAbi.SOCK_CLOEXEC | SocketAbi.SOCK_NONBLOCK;
      long fd = Syscall.call(arena, what, SocketAbi.NR_SOCKET, SocketAbi.AF_INET, type, 0);
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
