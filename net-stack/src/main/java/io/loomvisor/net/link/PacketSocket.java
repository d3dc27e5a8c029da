package io.loomvisor.net.link;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Opens AF_PACKET sockets (packet(7)) on an Ethernet interface, for {@link FdLink#offloading}.
 * Needs CAP_NET_RAW. Whoever has one sees and sends all of that interface's frames and no others.
 */
public final class PacketSocket {
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int SOL_PACKET = 263;
  private static final int PACKET_VNET_HDR = 15;
  private static final int PACKET_IGNORE_OUTGOING = 23;
  private static final int ETH_P_ALL = 3;

  /**
   * A frame of 64 KiB is charged with twice that; the window of one fast connection must fit. The
   * default has room for two.
   */
  private static final int RECEIVE_BUFFER = 8 << 20;

  private static final int SEND_BUFFER = 4 << 20;

  /** struct sockaddr_ll: family 0, protocol 2 (network order), ifindex 4; 20 bytes. */
  private static final int ADDRESS_SIZE = 20;

  private PacketSocket() {}

  /** A non-blocking descriptor bound to the interface with that index. */
  public static int open(int index) throws IOException {
    // Of no protocol as long as it is not bound: it would receive what arrives at any interface.
    int type = SOCK_RAW | HostFd.O_NONBLOCK | HostFd.O_CLOEXEC;
    int fd = HostFd.socket(AF_PACKET, type, 0);
    try (Arena arena = Arena.ofConfined()) {
      set(fd, "PACKET_VNET_HDR", SOL_PACKET, PACKET_VNET_HDR, 1);
      set(fd, "PACKET_IGNORE_OUTGOING", SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
      set(fd, "SO_RCVBUFFORCE", SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
      set(fd, "SO_SNDBUFFORCE", SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER);
      MemorySegment address = arena.allocate(ADDRESS_SIZE, 4);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
      address.set(ValueLayout.JAVA_SHORT, 2, Short.reverseBytes((short) ETH_P_ALL));
      address.set(ValueLayout.JAVA_INT, 4, index);
      HostFd.check("bind to interface " + index, HostFd.bind(fd, address));
      return fd;
    } catch (IOException e) {
      HostFd.close(fd);
      throw e;
    }
  }

  private static void set(int fd, String name, int level, int option, int value)
      throws IOException {
    HostFd.check(name, HostFd.setsockopt(fd, level, option, value));
  }
}
