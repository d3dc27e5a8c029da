package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import io.loomvisor.net.wire.IpAddress;
import java.io.IOException;

/** UDP sockets of the host, made before the sentry locks itself in. */
public final class DatagramSocket {
  /** struct sockaddr_in: family 0, port 2 and address 4 in network order. */
  private static final int ADDRESS_SIZE = 16;

  private DatagramSocket() {}

  /** A non-blocking descriptor that exchanges datagrams with one IPv4 address; close-on-exec. */
  public static int connect(IpAddress address, int port) throws IOException {
    int fd = -1;
    try (Memory to = new Memory(ADDRESS_SIZE)) {
      to.clear();
      to.setShort(0, (short) Libc.AF_INET);
      to.setShort(2, Short.reverseBytes((short) port));
      to.setInt(4, Integer.reverseBytes(address.intValue()));
      int type = Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK;
      fd = Libc.socket(Libc.AF_INET, type, 0);
      Libc.connect(fd, to, ADDRESS_SIZE);
      return fd;
    } catch (LastErrorException e) {
      if (fd >= 0) {
        Libc.close(fd);
      }
      throw new IOException("UDP to " + address + ": " + e.getMessage(), e);
    }
  }
}
