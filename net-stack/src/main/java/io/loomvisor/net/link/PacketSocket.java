package io.loomvisor.net.link;

import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.IpProtocol;
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
  private static final int SO_ATTACH_FILTER = 26;
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

  /**
   * Frames that are somebody else's and are not to be seen.
   *
   * @param source port of UDP or TCP over IPv4 that they come from
   * @param first port that they go to, up to {@code last}
   */
  public record Hidden(int source, int first, int last) {
    // Classic BPF (linux/bpf_common.h): a load's result is in A, an offset beside it in X.
    private static final int LOAD_16 = 0x28;
    private static final int LOAD_8 = 0x30;
    private static final int LOAD_16_X = 0x48;
    private static final int LOAD_X_HEADER_LENGTH = 0xb1;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_GREATER = 0x25;
    private static final int JUMP_GREATER_EQUAL = 0x35;
    private static final int JUMP_ANY_BIT = 0x45;
    private static final int RETURN = 0x06;
    private static final int WHOLE = 0x4_0000;
    private static final int FRAGMENT_OFFSET = 0x1fff;

    /** Rows of code, jump if true, jump if false, operand. */
    private int[][] program() {
      return new int[][] {
        {LOAD_16, 0, 0, 12},
        {JUMP_EQUAL, 0, 11, Ethernet.TYPE_IPV4},
        {LOAD_8, 0, 0, 23},
        {JUMP_EQUAL, 1, 0, IpProtocol.UDP},
        {JUMP_EQUAL, 0, 8, IpProtocol.TCP},
        {LOAD_16, 0, 0, 20},
        {JUMP_ANY_BIT, 6, 0, FRAGMENT_OFFSET},
        {LOAD_X_HEADER_LENGTH, 0, 0, 14},
        {LOAD_16_X, 0, 0, 14},
        {JUMP_EQUAL, 0, 3, source},
        {LOAD_16_X, 0, 0, 16},
        {JUMP_GREATER_EQUAL, 0, 1, first},
        {JUMP_GREATER, 0, 1, last},
        {RETURN, 0, 0, WHOLE},
        {RETURN, 0, 0, 0},
      };
    }
  }

  /** A non-blocking descriptor bound to the interface with that index. */
  public static int open(int index) throws IOException {
    return open(index, null);
  }

  /** As {@link #open(int)}, without the frames that are {@code hidden}. */
  public static int open(int index, Hidden hidden) throws IOException {
    // Of no protocol as long as it is not bound: it would receive what arrives at any interface.
    int type = SOCK_RAW | HostFd.O_NONBLOCK | HostFd.O_CLOEXEC;
    int fd = HostFd.socket(AF_PACKET, type, 0);
    try (Arena arena = Arena.ofConfined()) {
      set(fd, "PACKET_VNET_HDR", SOL_PACKET, PACKET_VNET_HDR, 1);
      set(fd, "PACKET_IGNORE_OUTGOING", SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
      set(fd, "SO_RCVBUFFORCE", SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
      set(fd, "SO_SNDBUFFORCE", SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER);
      if (hidden != null) {
        MemorySegment filter = filter(arena, hidden.program());
        HostFd.check(
            "SO_ATTACH_FILTER", HostFd.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter));
      }
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

  /** struct sock_fprog: length 0, pointer 8; struct sock_filter: code 0, jt 2, jf 3, k 4. */
  private static MemorySegment filter(Arena arena, int[][] program) {
    MemorySegment code = arena.allocate(8L * program.length, 8);
    for (int i = 0; i < program.length; i++) {
      code.set(ValueLayout.JAVA_SHORT, 8L * i, (short) program[i][0]);
      code.set(ValueLayout.JAVA_BYTE, 8L * i + 2, (byte) program[i][1]);
      code.set(ValueLayout.JAVA_BYTE, 8L * i + 3, (byte) program[i][2]);
      code.set(ValueLayout.JAVA_INT, 8L * i + 4, program[i][3]);
    }
    MemorySegment head = arena.allocate(16, 8);
    head.set(ValueLayout.JAVA_SHORT, 0, (short) program.length);
    head.set(ValueLayout.JAVA_LONG, 8, code.address());
    return head;
  }

  private static void set(int fd, String name, int level, int option, int value)
      throws IOException {
    HostFd.check(name, HostFd.setsockopt(fd, level, option, value));
  }
}
