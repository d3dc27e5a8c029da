package io.loomvisor.net.tcp;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import io.loomvisor.net.tcp.congestion.CongestionControl;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpProtocol;

/** getsockopt(2) and setsockopt(2) of a TCP endpoint: socket(7), ip(7), ipv6(7), tcp(7). */
final class OptionAccess {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM = 1;

  /** Linux's SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF. */
  private static final int MIN_SEND_BUFFER = 4608;

  private static final int MIN_RECEIVE_BUFFER = 2304;

  /** Linux's TCP_FIN_TIMEOUT_MAX. */
  private static final int MAX_LINGER2 = 120;

  private final TcpEndpoint owner;
  private final TcpLayer layer;
  private final EndpointOptions o;

  OptionAccess(TcpEndpoint owner, TcpLayer layer, EndpointOptions options) {
    this.owner = owner;
    this.layer = layer;
    this.o = options;
  }

  /** {@code c} may be null. */
  int set(SocketOption option, int v, Connection c, boolean bound) {
    boolean on = v != 0;
    switch (option) {
      case SO_REUSEADDR -> o.reuseAddress = on;
      case SO_REUSEPORT -> o.reusePort = on;
      case SO_OOBINLINE -> o.outOfBandInline = on;
      case SO_BROADCAST -> o.broadcast = on;
      case SO_DONTROUTE -> o.dontRoute = on;
      case SO_PRIORITY -> o.priority = v;
      case SO_RCVLOWAT -> o.receiveLowWater = v < 0 ? Integer.MAX_VALUE : Math.max(v, 1);
      case SO_SNDBUF -> sendBuffer(Math.min(Math.max(v, 0), layer.settings().sendBufferLimit));
      case SO_SNDBUFFORCE -> sendBuffer(Math.max(v, 0));
      case SO_RCVBUF ->
          receiveBuffer(Math.min(Math.max(v, 0), layer.settings().receiveBufferLimit));
      case SO_RCVBUFFORCE -> receiveBuffer(Math.max(v, 0));
      case SO_ZEROCOPY -> {
        if (v < 0 || v > 1) {
          return -Errno.EINVAL;
        }
        o.zeroCopy = on;
      }
      case SO_KEEPALIVE -> {
        o.keepAlive = on;
        rekeep(c);
      }
      case SO_BINDTOIFINDEX -> {
        return bindTo(v);
      }
      case IPV6_V6ONLY -> {
        if (!owner.v6()) {
          return -Errno.ENOPROTOOPT;
        }
        if (bound) {
          return -Errno.EINVAL;
        }
        o.v6Only = on;
      }
      default -> {
        return option.level() == IpProtocol.TCP ? setTcp(option, v, c) : setIp(option, v);
      }
    }
    return 0;
  }

  private int bindTo(int nic) {
    if (nic < 0) {
      return -Errno.EINVAL;
    }
    if (nic != 0 && layer.ip().nic(nic) == null) {
      return -Errno.ENODEV;
    }
    o.nicId = nic;
    return 0;
  }

  /** socket(7): the value is doubled to allow for bookkeeping. */
  private void sendBuffer(int v) {
    o.sendBufferFixed = true;
    o.sendBuffer = Math.max(2 * Math.min(v, 1 << 28), MIN_SEND_BUFFER);
  }

  private void receiveBuffer(int v) {
    o.receiveBufferFixed = true;
    o.receiveBuffer = Math.max(2 * Math.min(v, 1 << 28), MIN_RECEIVE_BUFFER);
  }

  private static void rekeep(Connection c) {
    if (c != null) {
      c.keepAlive.reconfigured();
    }
  }

  private int setTcp(SocketOption option, int v, Connection c) {
    switch (option) {
      case TCP_NODELAY -> {
        o.noDelay = v != 0;
        push(c, o.noDelay);
      }
      case TCP_CORK -> {
        o.cork = v != 0;
        if (!o.cork && c != null) {
          c.sender.uncork();
        }
      }
      case TCP_QUICKACK -> {
        if (c != null) {
          c.ackPolicy.quick(v != 0);
          c.acknowledge();
        }
      }
      case TCP_DEFER_ACCEPT -> o.deferAccept = retransmissions(v);
      case TCP_NOTSENT_LOWAT -> o.notSentLowWater = v;
      case TCP_LINGER2 ->
          o.finWait2 = v < 0 ? -1 : v == 0 ? defaultFin() : seconds(Math.min(v, MAX_LINGER2));
      case TCP_WINDOW_CLAMP -> o.windowClamp = v == 0 ? 0 : Math.max(v, MIN_RECEIVE_BUFFER / 2);
      default -> {
        return setTcpChecked(option, v, c);
      }
    }
    return 0;
  }

  private long defaultFin() {
    return layer.settings().finTimeout;
  }

  private static long seconds(int v) {
    return v * Clock.SECOND;
  }

  private static void push(Connection c, boolean now) {
    if (now && c != null) {
      c.sender.output();
    }
  }

  /** Linux's limits: MAX_TCP_KEEPIDLE, MAX_TCP_KEEPCNT, MAX_TCP_SYNCNT, MAX_TCP_WINDOW. */
  private int setTcpChecked(SocketOption option, int v, Connection c) {
    switch (option) {
      case TCP_MAXSEG -> {
        if (v != 0 && (v < 88 || v > 32_767)) {
          return -Errno.EINVAL;
        }
        o.maxSegment = v;
      }
      case TCP_KEEPIDLE, TCP_KEEPINTVL -> {
        if (v < 1 || v > 32_767) {
          return -Errno.EINVAL;
        }
        if (option == SocketOption.TCP_KEEPIDLE) {
          o.keepIdle = seconds(v);
        } else {
          o.keepInterval = seconds(v);
        }
        rekeep(c);
      }
      case TCP_KEEPCNT, TCP_SYNCNT -> {
        if (v < 1 || v > 127) {
          return -Errno.EINVAL;
        }
        if (option == SocketOption.TCP_KEEPCNT) {
          o.keepCount = v;
        } else {
          o.synCount = v;
        }
      }
      case TCP_USER_TIMEOUT -> {
        if (v < 0) {
          return -Errno.EINVAL;
        }
        o.userTimeoutMillis = v;
      }
      case TCP_FASTOPEN -> {
        if (v < 0 || c != null && c.state != State.CLOSED) {
          return -Errno.EINVAL;
        }
        o.fastOpenQueue = v;
      }
      case TCP_FASTOPEN_CONNECT -> {
        return fastOpenConnect(v, c);
      }
      default -> {
        return -Errno.ENOPROTOOPT;
      }
    }
    return 0;
  }

  /** do_tcp_setsockopt. */
  private int fastOpenConnect(int v, Connection c) {
    if (v < 0 || v > 1) {
      return -Errno.EINVAL;
    }
    if ((layer.settings().fastOpen & FastOpen.CLIENT) == 0) {
      return -Errno.EOPNOTSUPP;
    }
    if (c != null && c.state != State.CLOSED) {
      return -Errno.EINVAL;
    }
    o.fastOpenConnect = v != 0;
    return 0;
  }

  private int setIp(SocketOption option, int v) {
    switch (option) {
      // The two ECN bits are the stack's.
      case IP_TOS -> o.tos = v & 0xfc | o.tos & 3;
      case IP_RECVERR, IPV6_RECVERR -> o.receiveErrors = v != 0;
      case IP_FREEBIND -> o.freeBind = v != 0;
      case IP_BIND_ADDRESS_NO_PORT -> o.bindWithoutPort = v != 0;
      case IP_MTU_DISCOVER, IPV6_MTU_DISCOVER -> {
        if (v < 0 || v > 5) {
          return -Errno.EINVAL;
        }
        o.mtuDiscover = v;
      }
      case IP_TTL -> {
        if (v != -1 && (v < 1 || v > 255)) {
          return -Errno.EINVAL;
        }
        o.ttl = v;
      }
      case IPV6_UNICAST_HOPS -> {
        if (v < -1 || v > 255) {
          return -Errno.EINVAL;
        }
        o.hopLimit = v;
      }
      case IPV6_TCLASS -> {
        if (v < -1 || v > 255) {
          return -Errno.EINVAL;
        }
        o.trafficClass = Math.max(v, 0);
      }
      default -> {
        return -Errno.ENOPROTOOPT;
      }
    }
    return 0;
  }

  /** The value, or a negative errno. */
  int get(SocketOption option, Connection c, Listener l) {
    return switch (option) {
      case SO_REUSEADDR -> bit(o.reuseAddress);
      case SO_REUSEPORT -> bit(o.reusePort);
      case SO_KEEPALIVE -> bit(o.keepAlive);
      case SO_OOBINLINE -> bit(o.outOfBandInline);
      case SO_BROADCAST -> bit(o.broadcast);
      case SO_ZEROCOPY -> bit(o.zeroCopy);
      case SO_DONTROUTE -> bit(o.dontRoute);
      case SO_TYPE -> SOCK_STREAM;
      case SO_PROTOCOL -> IpProtocol.TCP;
      case SO_DOMAIN -> owner.v6() ? AF_INET6 : AF_INET;
      case SO_ERROR -> c == null ? 0 : c.takeError();
      case SO_ACCEPTCONN -> bit(l != null);
      case SO_PRIORITY -> o.priority;
      case SO_RCVLOWAT -> o.receiveLowWater;
      case SO_SNDLOWAT -> 1;
      case SO_SNDBUF -> o.sendBuffer;
      case SO_RCVBUF -> o.receiveBuffer;
      case SO_BINDTOIFINDEX -> o.nicId;
      case IPV6_V6ONLY -> owner.v6() ? bit(o.v6Only) : -Errno.ENOPROTOOPT;
      default -> option.level() == IpProtocol.TCP ? getTcp(option, c) : getIp(option, c);
    };
  }

  private int getTcp(SocketOption option, Connection c) {
    return switch (option) {
      case TCP_NODELAY -> bit(o.noDelay);
      case TCP_CORK -> bit(o.cork);
      case TCP_MAXSEG ->
          c != null && c.state.synchronised()
              ? c.sender.mss
              : o.maxSegment > 0 ? o.maxSegment : 536;
      case TCP_KEEPIDLE -> (int) (o.keepIdle / Clock.SECOND);
      case TCP_KEEPINTVL -> (int) (o.keepInterval / Clock.SECOND);
      case TCP_KEEPCNT -> o.keepCount;
      case TCP_SYNCNT -> o.synCount > 0 ? o.synCount : layer.settings().synRetries;
      case TCP_LINGER2 -> o.finWait2 < 0 ? -1 : (int) (o.finWait2 / Clock.SECOND);
      case TCP_DEFER_ACCEPT -> deferSeconds(o.deferAccept);
      case TCP_WINDOW_CLAMP ->
          o.windowClamp > 0 || c == null ? o.windowClamp : (int) c.receiver.capacity();
      case TCP_QUICKACK -> bit(c == null || c.ackPolicy.isQuick());
      case TCP_USER_TIMEOUT -> o.userTimeoutMillis;
      case TCP_NOTSENT_LOWAT -> o.notSentLowWater;
      case TCP_FASTOPEN -> o.fastOpenQueue;
      case TCP_FASTOPEN_CONNECT -> bit(o.fastOpenConnect);
      default -> -Errno.ENOPROTOOPT;
    };
  }

  private int getIp(SocketOption option, Connection c) {
    return switch (option) {
      case IP_TOS -> o.tos;
      case IP_TTL -> o.ttl < 0 ? 64 : o.ttl;
      case IP_RECVERR, IPV6_RECVERR -> bit(o.receiveErrors);
      case IP_FREEBIND -> bit(o.freeBind);
      case IP_BIND_ADDRESS_NO_PORT -> bit(o.bindWithoutPort);
      case IP_MTU_DISCOVER, IPV6_MTU_DISCOVER -> o.mtuDiscover;
      case IP_MTU, IPV6_MTU -> {
        var path = c == null ? null : c.path.get();
        yield path == null ? -Errno.ENOTCONN : path.mtu();
      }
      case IPV6_UNICAST_HOPS -> o.hopLimit < 0 ? 64 : o.hopLimit;
      case IPV6_TCLASS -> o.trafficClass;
      default -> -Errno.ENOPROTOOPT;
    };
  }

  /** {@code c} may be null; negative: no limit. */
  void maxPacingRate(long bytesPerSecond, Connection c) {
    o.maxPacingRate = Math.max(-1, bytesPerSecond);
    push(c, true);
  }

  /** 0 or -ENOENT. */
  int congestion(String name, Connection c) {
    CongestionControl control = CongestionControl.of(name);
    if (control == null) {
      return -Errno.ENOENT;
    }
    o.congestion = name;
    if (c != null) {
      c.recovery.control = control;
    }
    return 0;
  }

  private static int bit(boolean b) {
    return b ? 1 : 0;
  }

  /** Linux's secs_to_retrans: how many retransmissions of the SYN-ACK take {@code seconds}. */
  private static int retransmissions(int seconds) {
    int n = 0;
    long sum = 0;
    long step = 1;
    while (sum < seconds && n < 255) {
      n++;
      sum += step;
      step = Math.min(2 * step, 120);
    }
    return n;
  }

  private static int deferSeconds(int n) {
    long sum = 0;
    long step = 1;
    for (int i = 0; i < n; i++) {
      sum += step;
      step = Math.min(2 * step, 120);
    }
    return (int) sum;
  }
}
