package io.loomvisor.runtime.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.host.MessageMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A socket that asks the host's kernel about the network namespace of its maker (rtnetlink(7)). */
public final class NetlinkSocket implements AutoCloseable {
  private static final int NETLINK_ROUTE = 0;
  private static final int ADDRESS_SIZE = 12;

  /** Linux makes no part of a dump longer than this (NLMSG_GOODSIZE is at most 8 KiB, dumps 32). */
  private static final int LONGEST = 64 << 10;

  private final int fd;
  private final MemorySegment memory = MessageMemory.allocate(LONGEST);
  private final byte[] buffer = new byte[LONGEST];

  private NetlinkSocket(int fd) {
    this.fd = fd;
  }

  public static NetlinkSocket open() throws IOException {
    return new NetlinkSocket(descriptor(0));
  }

  /** A non-blocking descriptor that hears of the changes that {@code groups} stands for. */
  public static int listen(int groups) throws IOException {
    int fd = descriptor(SocketAbi.SOCK_NONBLOCK);
    try (Arena arena = Arena.ofConfined()) {
      // struct sockaddr_nl: family 2, pad 2, port 4, groups 4.
      MemorySegment address = arena.allocate(ADDRESS_SIZE, 8);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) SocketAbi.AF_NETLINK);
      address.set(ValueLayout.JAVA_INT, 8, groups);
      long r = Syscall.result(arena, SocketAbi.NR_BIND, fd, address.address(), ADDRESS_SIZE);
      if (r < 0) {
        HostFile.close(fd);
      }
      Syscall.checked("netlink groups", r);
      return fd;
    }
  }

  private static int descriptor(int flags) throws IOException {
    int type = SocketAbi.SOCK_RAW | SocketAbi.SOCK_CLOEXEC | flags;
    long fd = Syscall.result(SocketAbi.NR_SOCKET, SocketAbi.AF_NETLINK, type, NETLINK_ROUTE);
    return (int) Syscall.checked("netlink socket", fd);
  }

  public void send(byte[] message) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long at = Syscall.bytes(arena, message).address();
      int call = SocketAbi.NR_SENDTO;
      Syscall.call(arena, "netlink request", call, fd, at, message.length, 0, 0, 0);
    }
  }

  /** The next messages, one or more; valid until the next call. */
  public ByteBuffer receive() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long n;
      do {
        n = Syscall.result(arena, SocketAbi.NR_RECVFROM, fd, memory.address(), LONGEST, 0, 0, 0);
      } while (n == Errno.EINTR.result());
      Syscall.checked("netlink answer", n);
      MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, buffer, 0, (int) n);
      return ByteBuffer.wrap(buffer, 0, (int) n).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Override
  public void close() {
    HostFile.close(fd);
  }
}
