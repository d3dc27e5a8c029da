package io.loomvisor.net.udp;

import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.wire.IpProtocol;

/**
 * Socket options of one UDP, raw or echo endpoint: socket(7), ip(7), ipv6(7), udp(7). Owned by its
 * mailbox.
 */
public final class UdpOptions {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_DGRAM = 2;

  /** Linux's net.core.rmem_max and wmem_max. */
  private static final int BUFFER_LIMIT = 212_992;

  private static final int MIN_SEND_BUFFER = 4608;
  private static final int MIN_RECEIVE_BUFFER = 2304;

  private final IpLayer ip;
  private final boolean v6;
  boolean reuseAddress;
  boolean reusePort;
  boolean broadcast;
  boolean v6Only;
  boolean freeBind;

  /** IP_RECVERR, IPV6_RECVERR: errors are queued, and told to those not connected as well. */
  boolean receiveErrors;

  boolean cork;

  /** MSG_ZEROCOPY has a meaning. */
  private boolean zeroCopy;

  /** UDP_SEGMENT: what is sent is cut into datagrams of this many bytes; 0: is not cut. */
  int segment;

  /** UDP_GRO: what one send was cut into is received as one. */
  boolean joinsUnits;

  boolean dontRoute;
  boolean multicastLoop = true;
  boolean multicastAll = true;
  int multicastNic;
  int multicastTtl = 1;
  int nicId;
  int receiveBuffer = BUFFER_LIMIT;
  int sendBuffer = BUFFER_LIMIT;
  int tos;
  int ttl = -1;
  int hopLimit = -1;
  int trafficClass;
  int mtuDiscover = 1;
  private int priority;

  /** What was set: nobody knows on which CPU packets come. */
  private int incomingCpu = -1;

  private int receiveLowWater = 1;

  /** Options that have no meaning here, and those that say which control messages are wanted. */
  private long wanted;

  public UdpOptions(IpLayer ip, boolean v6) {
    this.ip = ip;
    this.v6 = v6;
  }

  public int set(SocketOption option, int v, boolean bound) {
    boolean on = v != 0;
    switch (option) {
      case SO_REUSEADDR -> reuseAddress = on;
      case SO_REUSEPORT -> reusePort = on;
      case SO_BROADCAST -> broadcast = on;
      case SO_DONTROUTE -> dontRoute = on;
      case SO_PRIORITY -> priority = v;
      case SO_INCOMING_CPU -> incomingCpu = v;
      case SO_RCVLOWAT -> receiveLowWater = v < 0 ? Integer.MAX_VALUE : Math.max(v, 1);
      case SO_RCVBUF ->
          receiveBuffer = Math.max(2 * Math.clamp(v, 0, BUFFER_LIMIT), MIN_RECEIVE_BUFFER);
      case SO_RCVBUFFORCE ->
          receiveBuffer = Math.max(2 * Math.clamp(v, 0, 1 << 28), MIN_RECEIVE_BUFFER);
      case SO_SNDBUF -> sendBuffer = Math.max(2 * Math.clamp(v, 0, BUFFER_LIMIT), MIN_SEND_BUFFER);
      case SO_SNDBUFFORCE -> sendBuffer = Math.max(2 * Math.clamp(v, 0, 1 << 28), MIN_SEND_BUFFER);
      case SO_BINDTOIFINDEX -> {
        int r = nic(v);
        nicId = r < 0 ? nicId : v;
        return r;
      }
      case IPV6_V6ONLY -> {
        if (!v6 || bound) {
          return v6 ? -Errno.EINVAL : -Errno.ENOPROTOOPT;
        }
        v6Only = on;
      }
      case IP_MULTICAST_IF, IPV6_MULTICAST_IF -> {
        int r = nic(v);
        multicastNic = r < 0 ? multicastNic : v;
        return r == -Errno.ENODEV ? -Errno.EADDRNOTAVAIL : r;
      }
      case IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP -> multicastLoop = on;
      case IP_MULTICAST_ALL -> multicastAll = on;
      case UDP_CORK -> cork = on;
      case SO_ZEROCOPY -> {
        if (v < 0 || v > 1) {
          return -Errno.EINVAL;
        }
        zeroCopy = on;
      }
      case UDP_GRO -> joinsUnits = on;
      case UDP_SEGMENT -> {
        if (v < 0 || v > 0xffff) {
          return -Errno.EINVAL;
        }
        segment = v;
      }
      default -> {
        return setIp(option, v);
      }
    }
    return 0;
  }

  private int nic(int v) {
    return v < 0 ? -Errno.EINVAL : v != 0 && ip.nic(v) == null ? -Errno.ENODEV : 0;
  }

  private int setIp(SocketOption option, int v) {
    switch (option) {
      case IP_TOS -> tos = v & 0xff;
      case IP_RECVERR, IPV6_RECVERR -> receiveErrors = v != 0;
      case IP_FREEBIND -> freeBind = v != 0;
      case IP_MTU_DISCOVER, IPV6_MTU_DISCOVER -> {
        if (v < 0 || v > 5) {
          return -Errno.EINVAL;
        }
        mtuDiscover = v;
      }
      case IP_TTL -> {
        if (v != -1 && (v < 1 || v > 255)) {
          return -Errno.EINVAL;
        }
        ttl = v;
      }
      case IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS -> {
        if (v < -1 || v > 255) {
          return -Errno.EINVAL;
        }
        multicastTtl = v < 0 ? 1 : v;
      }
      case IPV6_UNICAST_HOPS, IPV6_TCLASS -> {
        if (v < -1 || v > 255) {
          return -Errno.EINVAL;
        }
        if (option == SocketOption.IPV6_TCLASS) {
          trafficClass = Math.max(v, 0);
        } else {
          hopLimit = v;
        }
      }
      case SO_KEEPALIVE,
          SO_OOBINLINE,
          IP_RECVOPTS,
          IP_RETOPTS,
          IP_PKTINFO,
          IP_RECVTTL,
          IP_RECVTOS,
          IPV6_RECVPKTINFO,
          IPV6_RECVHOPLIMIT,
          IPV6_RECVTCLASS -> {
        long bit = 1L << option.ordinal();
        wanted = v != 0 ? wanted | bit : wanted & ~bit;
      }
      default -> {
        return -Errno.ENOPROTOOPT;
      }
    }
    return 0;
  }

  /** SO_ERROR, IP_MTU and IPV6_MTU are the endpoint's. */
  public int get(SocketOption option) {
    return switch (option) {
      case SO_REUSEADDR -> bit(reuseAddress);
      case SO_REUSEPORT -> bit(reusePort);
      case SO_BROADCAST -> bit(broadcast);
      case SO_DONTROUTE -> bit(dontRoute);
      case SO_ACCEPTCONN -> 0;
      case SO_TYPE -> SOCK_DGRAM;
      case SO_PROTOCOL -> IpProtocol.UDP;
      case SO_DOMAIN -> v6 ? AF_INET6 : AF_INET;
      case SO_PRIORITY -> priority;
      case SO_INCOMING_CPU -> incomingCpu;
      case SO_RCVLOWAT -> receiveLowWater;
      case SO_SNDLOWAT -> 1;
      case SO_RCVBUF -> receiveBuffer;
      case SO_SNDBUF -> sendBuffer;
      case SO_BINDTOIFINDEX -> nicId;
      case IPV6_V6ONLY -> v6 ? bit(v6Only) : -Errno.ENOPROTOOPT;
      case IP_MULTICAST_IF, IPV6_MULTICAST_IF -> multicastNic;
      case IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP -> bit(multicastLoop);
      case IP_MULTICAST_ALL -> bit(multicastAll);
      case IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS -> multicastTtl;
      case UDP_CORK -> bit(cork);
      case SO_ZEROCOPY -> bit(zeroCopy);
      case UDP_SEGMENT -> segment;
      case UDP_GRO -> bit(joinsUnits);
      case IP_TOS -> tos;
      case IP_RECVERR, IPV6_RECVERR -> bit(receiveErrors);
      case IP_FREEBIND -> bit(freeBind);
      case IP_MTU_DISCOVER, IPV6_MTU_DISCOVER -> mtuDiscover;
      case IP_TTL -> ttl < 0 ? 64 : ttl;
      case IPV6_UNICAST_HOPS -> hopLimit < 0 ? 64 : hopLimit;
      case IPV6_TCLASS -> trafficClass;
      case SO_KEEPALIVE,
          SO_OOBINLINE,
          IP_RECVOPTS,
          IP_RETOPTS,
          IP_PKTINFO,
          IP_RECVTTL,
          IP_RECVTOS,
          IPV6_RECVPKTINFO,
          IPV6_RECVHOPLIMIT,
          IPV6_RECVTCLASS ->
          bit((wanted & 1L << option.ordinal()) != 0);
      default -> -Errno.ENOPROTOOPT;
    };
  }

  private static int bit(boolean b) {
    return b ? 1 : 0;
  }
}
