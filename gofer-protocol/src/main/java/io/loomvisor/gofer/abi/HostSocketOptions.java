package io.loomvisor.gofer.abi;

import java.util.Map;
import java.util.Set;

/**
 * The options of sockets of the host's network that the sentry may read and set, by level and
 * number. Their values hold no pointers and no descriptors, and none of them reaches further than
 * the socket itself. Numbers are those of include/uapi/asm-generic/socket.h, linux/in.h, in6.h,
 * tcp.h, udp.h, icmp.h and icmpv6.h.
 *
 * <p>Left out are: filters (SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_…: pointers and
 * descriptors), SO_ZEROCOPY (its memory would be the sentry's), iptables' own, TCP_REPAIR, TCP_ULP,
 * TCP_MD5SIG, TCP_AO_…, TCP_ZEROCOPY_RECEIVE, IP_TRANSPARENT, IPsec policies, tunnels (UDP_ENCAP),
 * source-specific memberships by MCAST_….
 */
public final class HostSocketOptions {
  public static final int SOL_SOCKET = 1;
  private static final int SOL_IP = 0;
  private static final int SOL_TCP = 6;
  private static final int SOL_UDP = 17;
  private static final int SOL_IPV6 = 41;
  private static final int SOL_ICMPV6 = 58;
  private static final int SOL_RAW = 255;

  private static final Map<Integer, Set<Integer>> BY_LEVEL =
      Map.of(
          SOL_SOCKET,
          // DEBUG, REUSEADDR, TYPE, ERROR, DONTROUTE, BROADCAST, SNDBUF, RCVBUF, KEEPALIVE,
          // OOBINLINE, NO_CHECK, PRIORITY, LINGER, BSDCOMPAT, REUSEPORT
          // RCVLOWAT, SNDLOWAT, RCVTIMEO, SNDTIMEO, BINDTODEVICE, TIMESTAMP, ACCEPTCONN
          // SNDBUFFORCE, RCVBUFFORCE, TIMESTAMPNS, MARK, TIMESTAMPING, PROTOCOL, DOMAIN,
          // RXQ_OVFL, PEEK_OFF, BUSY_POLL, MAX_PACING_RATE, INCOMING_CPU
          // MEMINFO, INCOMING_NAPI_ID, COOKIE, BINDTOIFINDEX, the same with 64 bits of time
          Set.of(
              1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 25, 29, 30, 32, 33,
              35, 36, 37, 38, 39, 40, 42, 46, 47, 49, 55, 56, 57, 62, 63, 64, 65, 66, 67),
          SOL_IP,
          // TOS, TTL, HDRINCL, OPTIONS, RECVOPTS, RETOPTS, PKTINFO, MTU_DISCOVER, RECVERR, RECVTTL,
          // RECVTOS, MTU,
          // FREEBIND, RECVORIGDSTADDR, MINTTL, BIND_ADDRESS_NO_PORT, RECVFRAGSIZE,
          // RECVERR_RFC4884, MULTICAST_IF, _TTL, _LOOP, ADD_ and DROP_MEMBERSHIP, those of one
          // source and its blocks, MULTICAST_ALL, UNICAST_IF, LOCAL_PORT_RANGE
          Set.of(
              1, 2, 3, 4, 6, 7, 8, 10, 11, 12, 13, 14, 15, 20, 21, 24, 25, 26, 32, 33, 34, 35, 36,
              37, 38, 39, 40, 49, 50, 51),
          SOL_IPV6,
          // UNICAST_HOPS, MULTICAST_IF, _HOPS, _LOOP, ADD_ and DROP_MEMBERSHIP, MTU_DISCOVER,
          // MTU, RECVERR, V6ONLY, JOIN_ and LEAVE_ANYCAST, MULTICAST_ALL, CHECKSUM
          // RECVPKTINFO, PKTINFO, RECVHOPLIMIT, HOPLIMIT, RECVPATHMTU, DONTFRAG
          // RECVTCLASS, TCLASS, AUTOFLOWLABEL, ADDR_PREFERENCES, MINHOPCOUNT, UNICAST_IF,
          // RECVFRAGSIZE, FREEBIND
          Set.of(
              7, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 49, 50, 51, 52, 60, 62, 66, 67,
              70, 72, 73, 76, 77, 78),
          SOL_TCP,
          // NODELAY, MAXSEG, CORK, KEEPIDLE, KEEPINTVL, KEEPCNT, SYNCNT, LINGER2, DEFER_ACCEPT,
          // WINDOW_CLAMP, INFO, QUICKACK, CONGESTION, THIN_…, USER_TIMEOUT, FASTOPEN, TIMESTAMP,
          // NOTSENT_LOWAT, CC_INFO, SAVE_SYN, SAVED_SYN, FASTOPEN_CONNECT, FASTOPEN_NO_COOKIE,
          // INQ, TX_DELAY
          Set.of(
              1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 18, 23, 24, 25, 26, 27, 28, 30, 34,
              36, 37),
          SOL_UDP,
          // CORK, NO_CHECK6_TX, NO_CHECK6_RX, SEGMENT, GRO
          Set.of(1, 101, 102, 103, 104),
          SOL_RAW,
          Set.of(1, 7), // ICMP_FILTER, IPV6_CHECKSUM
          SOL_ICMPV6,
          Set.of(1)); // ICMPV6_FILTER

  private HostSocketOptions() {}

  public static boolean has(int level, int option) {
    Set<Integer> options = BY_LEVEL.get(level);
    return options != null && options.contains(option);
  }
}
