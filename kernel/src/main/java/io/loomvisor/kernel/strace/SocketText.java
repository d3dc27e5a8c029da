package io.loomvisor.kernel.strace;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Sockets, poll and epoll as strace prints them. */
final class SocketText {
  static final Names FAMILY =
      Names.choice(
          "AF_",
          "AF_UNSPEC 0",
          "AF_UNIX 1",
          "AF_INET 2",
          "AF_INET6 10",
          "AF_NETLINK 16",
          "AF_PACKET 17",
          "AF_VSOCK 40");

  private static final Names.Choice TYPE =
      (Names.Choice)
          Names.choice(
              "SOCK_",
              "SOCK_STREAM 1",
              "SOCK_DGRAM 2",
              "SOCK_RAW 3",
              "SOCK_RDM 4",
              "SOCK_SEQPACKET 5");

  private static final Names.Flags TYPE_FLAGS =
      (Names.Flags) Names.flags("SOCK_", "SOCK_CLOEXEC 02000000", "SOCK_NONBLOCK 04000");

  static final Names ACCEPT_FLAGS =
      Names.flags("SOCK_", "SOCK_CLOEXEC 02000000", "SOCK_NONBLOCK 04000");

  private static final Names PROTOCOL =
      Names.choice(
          "IPPROTO_",
          "IPPROTO_IP 0",
          "IPPROTO_ICMP 1",
          "IPPROTO_TCP 6",
          "IPPROTO_UDP 17",
          "IPPROTO_IPV6 41",
          "IPPROTO_ICMPV6 58",
          "IPPROTO_RAW 255");

  static final Names LEVEL =
      Names.choice(
          "SOL_",
          "SOL_IP 0",
          "SOL_SOCKET 1",
          "SOL_TCP 6",
          "SOL_UDP 17",
          "SOL_IPV6 41",
          "SOL_PACKET 263",
          "SOL_NETLINK 270");

  private static final Names SOCKET_OPTION =
      Names.choice(
          "SO_",
          "SO_DEBUG 1",
          "SO_REUSEADDR 2",
          "SO_TYPE 3",
          "SO_ERROR 4",
          "SO_DONTROUTE 5",
          "SO_BROADCAST 6",
          "SO_SNDBUF 7",
          "SO_RCVBUF 8",
          "SO_KEEPALIVE 9",
          "SO_OOBINLINE 10",
          "SO_PRIORITY 12",
          "SO_LINGER 13",
          "SO_REUSEPORT 15",
          "SO_PASSCRED 16",
          "SO_PEERCRED 17",
          "SO_RCVLOWAT 18",
          "SO_SNDLOWAT 19",
          "SO_RCVTIMEO_OLD 20",
          "SO_SNDTIMEO_OLD 21",
          "SO_BINDTODEVICE 25",
          "SO_ATTACH_FILTER 26",
          "SO_TIMESTAMP_OLD 29",
          "SO_ACCEPTCONN 30",
          "SO_PEERSEC 31",
          "SO_SNDBUFFORCE 32",
          "SO_RCVBUFFORCE 33",
          "SO_MARK 36",
          "SO_PROTOCOL 38",
          "SO_DOMAIN 39");

  private static final Names TCP_OPTION =
      Names.choice(
          "TCP_",
          "TCP_NODELAY 1",
          "TCP_MAXSEG 2",
          "TCP_CORK 3",
          "TCP_KEEPIDLE 4",
          "TCP_KEEPINTVL 5",
          "TCP_KEEPCNT 6",
          "TCP_SYNCNT 7",
          "TCP_LINGER2 8",
          "TCP_DEFER_ACCEPT 9",
          "TCP_WINDOW_CLAMP 10",
          "TCP_INFO 11",
          "TCP_QUICKACK 12",
          "TCP_CONGESTION 13",
          "TCP_USER_TIMEOUT 18",
          "TCP_FASTOPEN 23",
          "TCP_FASTOPEN_CONNECT 30");

  static final Names MESSAGE =
      Names.flags(
          "MSG_",
          "MSG_OOB 1",
          "MSG_PEEK 2",
          "MSG_DONTROUTE 4",
          "MSG_CTRUNC 8",
          "MSG_TRUNC 0x20",
          "MSG_DONTWAIT 0x40",
          "MSG_EOR 0x80",
          "MSG_WAITALL 0x100",
          "MSG_NOSIGNAL 0x4000",
          "MSG_MORE 0x8000",
          "MSG_WAITFORONE 0x10000",
          "MSG_FASTOPEN 0x20000000",
          "MSG_CMSG_CLOEXEC 0x40000000");

  static final Names SHUTDOWN = Names.choice("SHUT_", "SHUT_RD 0", "SHUT_WR 1", "SHUT_RDWR 2");

  private static final Names POLL =
      Names.flags(
          "POLL",
          "POLLIN 1",
          "POLLPRI 2",
          "POLLOUT 4",
          "POLLERR 8",
          "POLLHUP 0x10",
          "POLLNVAL 0x20",
          "POLLRDNORM 0x40",
          "POLLRDBAND 0x80",
          "POLLWRNORM 0x100",
          "POLLWRBAND 0x200",
          "POLLMSG 0x400",
          "POLLRDHUP 0x2000");

  private static final Names EPOLL =
      Names.flags(
          "EPOLL",
          "EPOLLIN 1",
          "EPOLLPRI 2",
          "EPOLLOUT 4",
          "EPOLLERR 8",
          "EPOLLHUP 0x10",
          "EPOLLRDNORM 0x40",
          "EPOLLRDBAND 0x80",
          "EPOLLWRNORM 0x100",
          "EPOLLWRBAND 0x200",
          "EPOLLMSG 0x400",
          "EPOLLRDHUP 0x2000",
          "EPOLLEXCLUSIVE 0x10000000",
          "EPOLLWAKEUP 0x20000000",
          "EPOLLONESHOT 0x40000000",
          "EPOLLET 0x80000000");

  static final Names EPOLL_OPERATION =
      Names.choice("EPOLL_CTL_", "EPOLL_CTL_ADD 1", "EPOLL_CTL_DEL 2", "EPOLL_CTL_MOD 3");

  static final Names EPOLL_FLAGS = Names.flags("EPOLL_", "EPOLL_CLOEXEC 02000000");

  static final Names EVENTFD =
      Names.flags("EFD_", "EFD_SEMAPHORE 1", "EFD_CLOEXEC 02000000", "EFD_NONBLOCK 04000");

  private static final int SHOWN = 32;
  private static final java.util.HexFormat HEX8 = java.util.HexFormat.of();

  private SocketText() {}

  static void type(StringBuilder out, int value) {
    TYPE.append(out, value & 0xf);
    TYPE_FLAGS.appendKnown(out, value & 0xfffffff0L, "|");
  }

  /** The protocol of an internet socket has a name, that of others is a number. */
  static void protocol(StringBuilder out, int family, int value) {
    if (family == 2 || family == 10) {
      PROTOCOL.append(out, value);
    } else {
      out.append(value);
    }
  }

  static void option(StringBuilder out, int level, int value) {
    switch (level) {
      case 1 -> SOCKET_OPTION.append(out, value);
      case 6 -> TCP_OPTION.append(out, value);
      default -> out.append(value == 0 ? "0" : "0x" + Integer.toHexString(value));
    }
  }

  /** {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.1")}. */
  static void address(StringBuilder out, Peek memory, long address, int length) {
    byte[] raw =
        address == 0 || length < 2 ? new byte[0] : memory.read(address, Math.min(length, 128));
    if (raw.length < 2) {
      Argument.address(out, address);
      return;
    }
    ByteBuffer b = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    int family = b.getShort(0);
    out.append("{sa_family=");
    FAMILY.append(out, family);
    if (family == 1) {
      unix(out, raw);
    } else if (family == 2 && raw.length >= 8) {
      out.append(", sin_port=htons(").append(port(b)).append("), sin_addr=inet_addr(\"");
      for (int i = 4; i < 8; i++) {
        out.append(raw[i] & 0xff).append(i < 7 ? "." : "\")");
      }
    } else if (family == 10 && raw.length >= 24) {
      out.append(", sin6_port=htons(").append(port(b)).append("), sin6_flowinfo=htonl(");
      out.append(Integer.toUnsignedString(Integer.reverseBytes(b.getInt(4))))
          .append("), inet_pton(AF_INET6, \"");
      InetText.v6(out, raw, 8);
      out.append("\", &sin6_addr), sin6_scope_id=").append(raw.length >= 28 ? b.getInt(24) : 0);
    } else if (family == 16 && raw.length >= 12) {
      out.append(", nl_pid=")
          .append(b.getInt(4))
          .append(", nl_groups=")
          .append(HEX8.toHexDigits(b.getInt(8)));
    } else if (raw.length > 2) {
      out.append(", sa_data=");
      Quoted.append(out, Arrays.copyOfRange(raw, 2, raw.length), raw.length - 2, Quoted.CUT);
    }
    out.append('}');
  }

  private static int port(ByteBuffer b) {
    return Short.toUnsignedInt(Short.reverseBytes(b.getShort(2)));
  }

  /** A path up to its NUL; a name in the abstract name space with an at-sign before the quotes. */
  private static void unix(StringBuilder out, byte[] raw) {
    if (raw.length == 2) {
      return;
    }
    boolean named = raw[2] == 0;
    int from = named ? 3 : 2;
    int end = named ? raw.length : from;
    while (!named && end < raw.length && raw[end] != 0) {
      end++;
    }
    out.append(", sun_path=").append(named ? "@" : "");
    Quoted.append(out, Arrays.copyOfRange(raw, from, end), end - from, 108);
  }

  /** struct msghdr: name, iovec, control length, flags. */
  static void message(StringBuilder out, Peek memory, long address, long available) {
    ByteBuffer b = memory.struct(address, 56);
    if (b == null) {
      Argument.address(out, address);
      return;
    }
    out.append("{msg_name=");
    address(out, memory, b.getLong(0), b.getInt(8));
    out.append(", msg_namelen=").append(b.getInt(8)).append(", msg_iov=");
    StructText.vector(out, memory, b.getLong(16), b.getLong(24), available);
    out.append(", msg_iovlen=").append(b.getLong(24));
    if (b.getLong(40) > 0) {
      out.append(", msg_control=");
      Argument.address(out, b.getLong(32));
    }
    out.append(", msg_controllen=").append(b.getLong(40)).append(", msg_flags=");
    MESSAGE.append(out, b.getInt(48) & 0xffffffffL);
    out.append('}');
  }

  /** [{fd=3, events=POLLIN}]. */
  static void poll(StringBuilder out, Peek memory, long address, long count) {
    int n = Math.clamp(count, 0, SHOWN);
    ByteBuffer b = memory.struct(address, n * 8);
    if (b == null) {
      pollNothing(out, address, count);
      return;
    }
    out.append('[');
    for (int i = 0; i < n; i++) {
      out.append(i == 0 ? "{fd=" : ", {fd=").append(b.getInt(i * 8));
      if (b.getInt(i * 8) >= 0) {
        out.append(", events=");
        POLL.append(out, b.getShort(i * 8 + 4) & 0xffff);
      }
      out.append('}');
    }
    out.append(count > n ? ", ...]" : "]");
  }

  private static void pollNothing(StringBuilder out, long address, long count) {
    if (count == 0 && address != 0) {
      out.append("[]");
    } else {
      Argument.address(out, address);
    }
  }

  /** What came of it: ([{fd=3, revents=POLLIN}]). */
  static void polled(StringBuilder out, Peek memory, long address, long count) {
    int n = Math.clamp(count, 0, SHOWN);
    ByteBuffer b = memory.struct(address, n * 8);
    if (b == null) {
      return;
    }
    out.append(" ([");
    String comma = "";
    for (int i = 0; i < n; i++) {
      int got = b.getShort(i * 8 + 6) & 0xffff;
      if (got != 0) {
        out.append(comma).append("{fd=").append(b.getInt(i * 8)).append(", revents=");
        POLL.append(out, got);
        out.append('}');
        comma = ", ";
      }
    }
    out.append("])");
  }

  /** struct epoll_event is packed: events, then 64 bits of data. */
  static void epoll(StringBuilder out, Peek memory, long address, long count, boolean array) {
    int n = Math.clamp(count, 0, SHOWN);
    ByteBuffer b = memory.struct(address, n * 12);
    if (b == null) {
      pollNothing(out, address, array ? count : 1);
      return;
    }
    out.append(array ? "[" : "");
    for (int i = 0; i < n; i++) {
      out.append(i == 0 ? "{events=" : ", {events=");
      EPOLL.append(out, b.getInt(i * 12) & 0xffffffffL);
      out.append(", data={u32=").append(Integer.toUnsignedString(b.getInt(i * 12 + 4)));
      out.append(", u64=").append(Long.toUnsignedString(b.getLong(i * 12 + 4))).append("}}");
    }
    out.append(array ? count > n ? ", ...]" : "]" : "");
  }

  /** An fd_set of select(2): [3 5]. */
  static void set(StringBuilder out, Peek memory, long address, int limit) {
    int n = Math.clamp(limit, 0, 1024);
    ByteBuffer b = memory.struct(address, (n + 63) / 64 * 8);
    if (b == null) {
      pollNothing(out, address, n);
      return;
    }
    out.append('[');
    String space = "";
    for (int fd = 0; fd < n; fd++) {
      if ((b.get(fd / 8) >> fd % 8 & 1) != 0) {
        out.append(space).append(fd);
        space = " ";
      }
    }
    out.append(']');
  }
}
