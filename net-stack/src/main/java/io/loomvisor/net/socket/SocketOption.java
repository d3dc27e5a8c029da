package io.loomvisor.net.socket;

/**
 * Socket options with an int value, by their Linux names, levels and numbers. Options with other
 * values (SO_LINGER, TCP_INFO, TCP_CONGESTION, memberships) are methods of the endpoints.
 */
public enum SocketOption {
  SO_REUSEADDR(1, 2),
  SO_TYPE(1, 3),
  SO_ERROR(1, 4),
  SO_DONTROUTE(1, 5),
  SO_BROADCAST(1, 6),
  SO_SNDBUF(1, 7),
  SO_RCVBUF(1, 8),
  SO_KEEPALIVE(1, 9),
  SO_OOBINLINE(1, 10),
  SO_PRIORITY(1, 12),
  SO_REUSEPORT(1, 15),
  SO_RCVLOWAT(1, 18),
  SO_SNDLOWAT(1, 19),
  SO_ACCEPTCONN(1, 30),
  SO_SNDBUFFORCE(1, 32),
  SO_RCVBUFFORCE(1, 33),
  SO_PROTOCOL(1, 38),
  SO_DOMAIN(1, 39),
  SO_INCOMING_CPU(1, 49),
  SO_ZEROCOPY(1, 60),
  /** The interface's number here, as getsockopt of SO_BINDTOIFINDEX; 0: any. */
  SO_BINDTOIFINDEX(1, 62),
  IP_TOS(0, 1),
  IP_TTL(0, 2),
  IP_RECVOPTS(0, 6),
  IP_RETOPTS(0, 7),
  IP_PKTINFO(0, 8),
  IP_MTU_DISCOVER(0, 10),
  IP_RECVERR(0, 11),
  IP_RECVTTL(0, 12),
  IP_RECVTOS(0, 13),
  IP_MTU(0, 14),
  IP_FREEBIND(0, 15),
  IP_BIND_ADDRESS_NO_PORT(0, 24),
  /** The outgoing interface's number; 0: by route. */
  IP_MULTICAST_IF(0, 32),
  IP_MULTICAST_TTL(0, 33),
  IP_MULTICAST_LOOP(0, 34),
  IP_MULTICAST_ALL(0, 49),
  IPV6_UNICAST_HOPS(41, 16),
  IPV6_MULTICAST_IF(41, 17),
  IPV6_MULTICAST_HOPS(41, 18),
  IPV6_MULTICAST_LOOP(41, 19),
  IPV6_MTU_DISCOVER(41, 23),
  IPV6_MTU(41, 24),
  IPV6_RECVERR(41, 25),
  IPV6_V6ONLY(41, 26),
  IPV6_RECVPKTINFO(41, 49),
  IPV6_RECVHOPLIMIT(41, 51),
  IPV6_RECVTCLASS(41, 66),
  IPV6_TCLASS(41, 67),
  TCP_NODELAY(6, 1),
  TCP_MAXSEG(6, 2),
  TCP_CORK(6, 3),
  TCP_KEEPIDLE(6, 4),
  TCP_KEEPINTVL(6, 5),
  TCP_KEEPCNT(6, 6),
  TCP_SYNCNT(6, 7),
  TCP_LINGER2(6, 8),
  TCP_DEFER_ACCEPT(6, 9),
  TCP_WINDOW_CLAMP(6, 10),
  TCP_QUICKACK(6, 12),
  TCP_USER_TIMEOUT(6, 18),
  /** Of a listener: how many handshakes may be incomplete although their data was taken. */
  TCP_FASTOPEN(6, 23),
  TCP_NOTSENT_LOWAT(6, 25),
  /** connect waits for the first data where a cookie is known. */
  TCP_FASTOPEN_CONNECT(6, 30),
  UDP_CORK(17, 1),
  UDP_SEGMENT(17, 103),
  /** What one send was cut into is received as one. */
  UDP_GRO(17, 104);

  private static final SocketOption[] ALL = values();

  private final int level;
  private final int number;

  SocketOption(int level, int number) {
    this.level = level;
    this.number = number;
  }

  public int level() {
    return level;
  }

  public int number() {
    return number;
  }

  /** The option of setsockopt(2)'s arguments, or null. */
  public static SocketOption of(int level, int number) {
    for (SocketOption o : ALL) {
      if (o.level == level && o.number == number) {
        return o;
      }
    }
    return null;
  }
}
