package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.kernel.socket.inet.InterfaceFacts;
import io.loomvisor.net.ip.InterfaceAddress;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.ip.Route;
import io.loomvisor.net.neighbor.NeighborCache;
import io.loomvisor.net.neighbor.NeighborState;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The messages that tell of interfaces, addresses, routes, neighbours and rules. */
final class RouteMessages {
  private static final int IFF_LOWER_UP = 0x10000;
  private static final int TX_QUEUE = 1000;
  private static final int IF_OPER_UNKNOWN = 0;
  private static final int IF_OPER_DOWN = 2;
  private static final int IF_OPER_UP = 6;

  /** Counters of struct rtnl_link_stats64: the first eleven are those of /proc/net/dev. */
  private static final int COUNTERS64 = 25;

  private static final int COUNTERS32 = 24;

  private RouteMessages() {}

  static byte[] link(MessageWriter m, Nic n) {
    byte[] broadcast = new byte[6];
    if (!n.isLoopback()) {
      Arrays.fill(broadcast, (byte) -1);
    }
    int state = n.isLoopback() ? IF_OPER_UNKNOWN : IF_OPER_UP;
    state = n.isUp() ? state : IF_OPER_DOWN;
    return m.u8(0)
        .u8(0)
        .u16(InterfaceFacts.hardwareType(n))
        .u32(n.id())
        .u32(InterfaceFacts.flags(n) | (n.isUp() ? IFF_LOWER_UP : 0))
        .u32(0)
        .attribute(NetlinkAbi.IFLA_IFNAME, n.name())
        .attribute(NetlinkAbi.IFLA_TXQLEN, TX_QUEUE)
        .attribute(NetlinkAbi.IFLA_OPERSTATE, new byte[] {(byte) state})
        .attribute(NetlinkAbi.IFLA_LINKMODE, new byte[1])
        .attribute(NetlinkAbi.IFLA_MTU, InterfaceFacts.mtu(n))
        .attribute(NetlinkAbi.IFLA_GROUP, 0)
        .attribute(NetlinkAbi.IFLA_PROMISCUITY, 0)
        .attribute(NetlinkAbi.IFLA_NUM_TX_QUEUES, 1)
        .attribute(NetlinkAbi.IFLA_NUM_RX_QUEUES, 1)
        .attribute(NetlinkAbi.IFLA_CARRIER, new byte[] {1})
        .attribute(NetlinkAbi.IFLA_QDISC, "noqueue")
        .attribute(NetlinkAbi.IFLA_ADDRESS, InterfaceFacts.hardwareAddress(n))
        .attribute(NetlinkAbi.IFLA_BROADCAST, broadcast)
        .attribute(NetlinkAbi.IFLA_STATS64, statistics(n, COUNTERS64, Long.BYTES))
        .attribute(NetlinkAbi.IFLA_STATS, statistics(n, COUNTERS32, Integer.BYTES))
        .finish();
  }

  /** Packets, bytes, errors, dropped; of each received, sent. */
  private static byte[] statistics(Nic n, int counters, int size) {
    Nic.Statistics s = n.statistics();
    long[] values = {
      s.received(), s.sent(), s.receivedBytes(), s.sentBytes(), 0, 0, 0, s.dropped()
    };
    ByteBuffer b = ByteBuffer.allocate(counters * size).order(ByteOrder.LITTLE_ENDIAN);
    for (long v : values) {
      if (size == Long.BYTES) {
        b.putLong(v);
      } else {
        b.putInt((int) v);
      }
    }
    return b.array();
  }

  static byte[] address(MessageWriter m, Nic n, InterfaceAddress a) {
    IpAddress address = a.address();
    m.u8(family(address))
        .u8(a.prefixLength())
        .u8(NetlinkAbi.IFA_F_PERMANENT)
        .u8(scope(address))
        .u32(n.id())
        .attribute(NetlinkAbi.IFA_ADDRESS, raw(address));
    if (!address.v6()) {
      m.attribute(NetlinkAbi.IFA_LOCAL, raw(address));
      if (!n.isLoopback() && a.prefixLength() < 31) {
        m.attribute(NetlinkAbi.IFA_BROADCAST, raw(address.broadcast(a.prefixLength())));
      }
      m.attribute(NetlinkAbi.IFA_LABEL, n.name());
    }
    return m.attribute(NetlinkAbi.IFA_FLAGS, NetlinkAbi.IFA_F_PERMANENT).finish();
  }

  static byte[] route(MessageWriter m, Route r) {
    boolean direct = r.gateway() == null;
    boolean v6 = r.prefix().v6();
    // What an address brought along (fib_add_ifaddr, addrconf_prefix_route).
    boolean own = direct && (v6 ? r.metric() == 256 : r.source() != null);
    m.u8(family(r.prefix()))
        .u8(r.length())
        .u8(0)
        .u8(0)
        .u8(NetlinkAbi.RT_TABLE_MAIN)
        .u8(own ? NetlinkAbi.RTPROT_KERNEL : NetlinkAbi.RTPROT_BOOT)
        .u8(direct && !v6 ? NetlinkAbi.RT_SCOPE_LINK : NetlinkAbi.RT_SCOPE_UNIVERSE)
        .u8(NetlinkAbi.RTN_UNICAST)
        .u32(0)
        .attribute(NetlinkAbi.RTA_TABLE, NetlinkAbi.RT_TABLE_MAIN);
    if (r.length() > 0) {
      m.attribute(NetlinkAbi.RTA_DST, raw(r.prefix()));
    }
    if (!direct) {
      m.attribute(NetlinkAbi.RTA_GATEWAY, raw(r.gateway()));
    }
    if (r.source() != null) {
      m.attribute(NetlinkAbi.RTA_PREFSRC, raw(r.source()));
    }
    if (r.metric() != 0) {
      m.attribute(NetlinkAbi.RTA_PRIORITY, r.metric());
    }
    return m.attribute(NetlinkAbi.RTA_OIF, r.nicId()).finish();
  }

  /** What "ip route get" shows: the way of a packet. */
  static byte[] path(
      MessageWriter m, IpAddress destination, Path p, boolean local, boolean tellTable, int uid) {
    int table = local && tellTable ? NetlinkAbi.RT_TABLE_LOCAL : NetlinkAbi.RT_TABLE_MAIN;
    m.u8(family(destination))
        .u8(destination.bits())
        .u8(0)
        .u8(0)
        .u8(table)
        .u8(0)
        .u8(0)
        .u8(local ? NetlinkAbi.RTN_LOCAL : NetlinkAbi.RTN_UNICAST)
        .u32(NetlinkAbi.RTM_F_CLONED)
        .attribute(NetlinkAbi.RTA_TABLE, table)
        .attribute(NetlinkAbi.RTA_DST, raw(destination))
        .attribute(NetlinkAbi.RTA_OIF, p.nic().id())
        .attribute(NetlinkAbi.RTA_PREFSRC, raw(p.source()));
    if (!p.nextHop().equals(destination)) {
      m.attribute(NetlinkAbi.RTA_GATEWAY, raw(p.nextHop()));
    }
    return m.attribute(NetlinkAbi.RTA_UID, uid).finish();
  }

  static byte[] neighbor(MessageWriter m, Nic n, NeighborCache.Row r) {
    m.u8(family(r.address()))
        .u8(0)
        .u16(0)
        .u32(n.id())
        .u16(number(r.state()))
        .u8(0)
        .u8(NetlinkAbi.RTN_UNICAST)
        .attribute(NetlinkAbi.NDA_DST, raw(r.address()));
    if (r.mac() != null) {
      byte[] mac = new byte[6];
      r.mac().write(mac, 0);
      m.attribute(NetlinkAbi.NDA_LLADDR, mac);
    }
    return m.finish();
  }

  private static int number(NeighborState s) {
    return switch (s) {
      case INCOMPLETE -> NetlinkAbi.NUD_INCOMPLETE;
      case REACHABLE -> NetlinkAbi.NUD_REACHABLE;
      case STALE -> NetlinkAbi.NUD_STALE;
      case DELAY -> NetlinkAbi.NUD_DELAY;
      case PROBE -> NetlinkAbi.NUD_PROBE;
      case PERMANENT -> NetlinkAbi.NUD_PERMANENT;
    };
  }

  /** struct fib_rule_hdr: look into a table, whoever asks. */
  static byte[] rule(MessageWriter m, int family, int table, int priority) {
    m.u8(family).u8(0).u8(0).u8(0).u8(table).u8(0).u8(0).u8(NetlinkAbi.FR_ACT_TO_TBL).u32(0);
    m.attribute(NetlinkAbi.FRA_TABLE, table).attribute(NetlinkAbi.FRA_SUPPRESS_PREFIXLEN, -1);
    m.attribute(NetlinkAbi.FRA_PROTOCOL, new byte[] {NetlinkAbi.RTPROT_KERNEL});
    return priority == 0 ? m.finish() : m.attribute(NetlinkAbi.FRA_PRIORITY, priority).finish();
  }

  static int family(IpAddress a) {
    return a.v6() ? SocketAbi.AF_INET6 : SocketAbi.AF_INET;
  }

  private static int scope(IpAddress a) {
    return a.isLoopback()
        ? NetlinkAbi.RT_SCOPE_HOST
        : a.isLinkLocal() && a.v6() ? NetlinkAbi.RT_SCOPE_LINK : NetlinkAbi.RT_SCOPE_UNIVERSE;
  }

  private static byte[] raw(IpAddress a) {
    byte[] bytes = new byte[a.v6() ? 16 : 4];
    a.write(bytes, 0);
    return bytes;
  }
}
