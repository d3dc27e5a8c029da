package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import io.loomvisor.net.wire.IpAddress;
import java.io.IOException;

/** UDP and TCP sockets of the host, made for a sentry that may not make any. */
public final class InternetSockets {
  /** struct sockaddr_in: family 0, port 2 and address 4 in network order. */
  private static final int ADDRESS_SIZE = 16;

  private InternetSockets() {}

  /** A non-blocking descriptor that exchanges datagrams with one IPv4 address; close-on-exec. */
  public static int connectDatagram(IpAddress address, int port) throws IOException {
    return connect("UDP", Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK, address, port);
  }

  /** A blocking descriptor that is connected; close-on-exec. Waits for the connection. */
  public static int connectStream(IpAddress address, int port) throws IOException {
    return connect("TCP", Libc.SOCK_STREAM, address, port);
  }

  private static int connect(String kind, int type, IpAddress address, int port)
      throws IOException {
    int fd = -1;
    try (Memory to = new Memory(ADDRESS_SIZE)) {
      to.clear();
      to.setShort(0, (short) Libc.AF_INET);
      to.setShort(2, Short.reverseBytes((short) port));
      to.setInt(4, Integer.reverseBytes(address.intValue()));
      fd = Libc.socket(Libc.AF_INET, type | Libc.SOCK_CLOEXEC, 0);
      Libc.connect(fd, to, ADDRESS_SIZE);
      return fd;
    } catch (LastErrorException e) {
      if (fd >= 0) {
        Libc.close(fd);
      }
      throw new IOException(kind + " to " + address + ": " + e.getMessage(), e);
    }
  }
}
