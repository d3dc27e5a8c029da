package io.loomvisor.runtime.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A socket that asks the host's kernel about the network namespace of its maker (rtnetlink(7)). */
public final class NetlinkSocket implements AutoCloseable {
  private static final int NETLINK_ROUTE = 0;
  private static final int ADDRESS_SIZE = 12;

  /** Linux makes no part of a dump longer than this (NLMSG_GOODSIZE is at most 8 KiB, dumps 32). */
  private static final int LONGEST = 64 << 10;

  private final int fd;
  private final byte[] buffer = new byte[LONGEST];

  private NetlinkSocket(int fd) {
    this.fd = fd;
  }

  public static NetlinkSocket open() throws IOException {
    return new NetlinkSocket(descriptor(0));
  }

  /** A non-blocking descriptor that hears of the changes that {@code groups} stands for. */
  public static int listen(int groups) throws IOException {
    int fd = descriptor(Libc.SOCK_NONBLOCK);
    // struct sockaddr_nl: family 2, pad 2, port 4, groups 4.
    try (Memory address = new Memory(ADDRESS_SIZE)) {
      address.clear();
      address.setShort(0, (short) Libc.AF_NETLINK);
      address.setInt(8, groups);
      Libc.bind(fd, address, ADDRESS_SIZE);
      return fd;
    } catch (LastErrorException e) {
      Libc.close(fd);
      throw new IOException("netlink groups: " + e.getMessage(), e);
    }
  }

  private static int descriptor(int flags) throws IOException {
    try {
      int type = Libc.SOCK_RAW | Libc.SOCK_CLOEXEC | flags;
      return Libc.socket(Libc.AF_NETLINK, type, NETLINK_ROUTE);
    } catch (LastErrorException e) {
      throw new IOException("netlink socket: " + e.getMessage(), e);
    }
  }

  public void send(byte[] message) throws IOException {
    try {
      Libc.send(fd, message, message.length, 0);
    } catch (LastErrorException e) {
      throw new IOException("netlink request: " + e.getMessage(), e);
    }
  }

  /** The next messages, one or more; valid until the next call. */
  public ByteBuffer receive() throws IOException {
    for (; ; ) {
      try {
        int n = (int) Libc.recv(fd, buffer, buffer.length, 0);
        return ByteBuffer.wrap(buffer, 0, n).order(ByteOrder.LITTLE_ENDIAN);
      } catch (LastErrorException e) {
        if (e.getErrorCode() != Libc.EINTR) {
          throw new IOException("netlink answer: " + e.getMessage(), e);
        }
      }
    }
  }

  @Override
  public void close() {
    Libc.close(fd);
  }
}
