package io.loomvisor.kernel.socket.netlink;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.inet.InterfaceFacts;
import io.loomvisor.net.ip.InterfaceAddress;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Route;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.socket.SocketAbi;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What RTM_GETLINK, RTM_GETADDR and RTM_GETROUTE answer, from the stack's snapshots. */
public final class RouteAnswers implements NetlinkService {
  private static final int IFINFOMSG_SIZE = 16;
  private static final int TX_QUEUE = 1000;
  private static final int IF_OPER_UNKNOWN = 0;
  private static final int IF_OPER_UP = 6;

  private final IpLayer ip;

  public RouteAnswers(IpLayer ip) {
    this.ip = ip;
  }

  @Override
  public List<byte[]> answer(NetlinkRequest r) {
    int type = r.type();
    int sequence = r.sequence();
    int port = r.port();
    ByteBuffer payload = r.payload();
    boolean dump = r.isDump();
    if (!dump && type != NetlinkAbi.RTM_GETLINK) {
      throw Errno.EOPNOTSUPP.exception();
    }
    int family = payload.hasRemaining() ? payload.get(payload.position()) & 0xff : 0;
    int multi = dump ? NetlinkAbi.NLM_F_MULTI : 0;
    List<byte[]> all = new ArrayList<>();
    switch (type) {
      case NetlinkAbi.RTM_GETLINK -> {
        if (!dump) {
          return List.of(link(wanted(payload), 0, sequence, port));
        }
        for (Nic n : ip.nics()) {
          all.add(link(n, multi, sequence, port));
        }
      }
      case NetlinkAbi.RTM_GETADDR -> addresses(family, multi, sequence, port, all);
      case NetlinkAbi.RTM_GETROUTE -> {
        for (Route way : ip.routes()) {
          // The loopback's are in the table "local", which nobody but ip-route(8) looks at.
          boolean own = ip.nic(way.nicId()).isLoopback();
          if (!own && (family == 0 || family == family(way.prefix()))) {
            all.add(route(way, multi, sequence, port));
          }
        }
      }
      default -> throw Errno.EOPNOTSUPP.exception();
    }
    all.add(new MessageWriter(NetlinkAbi.NLMSG_DONE, multi, sequence, port).u32(0).finish());
    return all;
  }

  /** By index or by name. */
  private Nic wanted(ByteBuffer payload) {
    if (payload.remaining() < IFINFOMSG_SIZE) {
      throw Errno.EINVAL.exception();
    }
    int start = payload.position();
    int index = payload.getInt(start + 4);
    String name = attributeText(payload, start + IFINFOMSG_SIZE, NetlinkAbi.IFLA_IFNAME);
    if (index <= 0 && name == null) {
      throw Errno.EINVAL.exception();
    }
    for (Nic n : ip.nics()) {
      if (index > 0 ? n.id() == index : n.name().equals(name)) {
        return n;
      }
    }
    throw Errno.ENODEV.exception();
  }

  private static String attributeText(ByteBuffer b, int from, int type) {
    int at = from;
    while (b.limit() - at >= 4) {
      int length = b.getShort(at) & 0xffff;
      if (length < 4 || length > b.limit() - at) {
        return null;
      }
      if ((b.getShort(at + 2) & 0x3fff) == type) {
        byte[] text = new byte[length - 4];
        b.get(at + 4, text);
        String s = new String(text, StandardCharsets.ISO_8859_1);
        int end = s.indexOf('\0');
        return end < 0 ? s : s.substring(0, end);
      }
      at += length + 3 & ~3;
    }
    return null;
  }

  private static byte[] link(Nic n, int flags, int sequence, int port) {
    byte[] broadcast = new byte[6];
    if (!n.isLoopback()) {
      java.util.Arrays.fill(broadcast, (byte) -1);
    }
    int state = n.isLoopback() ? IF_OPER_UNKNOWN : IF_OPER_UP;
    return new MessageWriter(NetlinkAbi.RTM_NEWLINK, flags, sequence, port)
        .u8(0)
        .u8(0)
        .u16(InterfaceFacts.hardwareType(n))
        .u32(n.id())
        .u32(InterfaceFacts.flags(n))
        .u32(0)
        .attribute(NetlinkAbi.IFLA_IFNAME, n.name())
        .attribute(NetlinkAbi.IFLA_TXQLEN, TX_QUEUE)
        .attribute(NetlinkAbi.IFLA_OPERSTATE, new byte[] {(byte) state})
        .attribute(NetlinkAbi.IFLA_LINKMODE, new byte[1])
        .attribute(NetlinkAbi.IFLA_MTU, InterfaceFacts.mtu(n))
        .attribute(NetlinkAbi.IFLA_ADDRESS, InterfaceFacts.hardwareAddress(n))
        .attribute(NetlinkAbi.IFLA_BROADCAST, broadcast)
        .finish();
  }

  private void addresses(int family, int flags, int sequence, int port, List<byte[]> out) {
    // All of IPv4 before all of IPv6 (rtnl_dump_all).
    for (boolean v6 : new boolean[] {false, true}) {
      for (Nic n : ip.nics()) {
        for (InterfaceAddress a : n.addresses()) {
          boolean asked = family == 0 || family == family(a.address());
          if (asked && a.address().v6() == v6) {
            out.add(address(n, a, flags, sequence, port));
          }
        }
      }
    }
  }

  private static byte[] address(Nic n, InterfaceAddress a, int flags, int sequence, int port) {
    IpAddress address = a.address();
    MessageWriter m =
        new MessageWriter(NetlinkAbi.RTM_NEWADDR, flags, sequence, port)
            .u8(family(address))
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

  private static byte[] route(Route r, int flags, int sequence, int port) {
    boolean direct = r.gateway() == null;
    MessageWriter m =
        new MessageWriter(NetlinkAbi.RTM_NEWROUTE, flags, sequence, port)
            .u8(family(r.prefix()))
            .u8(r.length())
            .u8(0)
            .u8(0)
            .u8(NetlinkAbi.RT_TABLE_MAIN)
            // What is on link with a source is what an address brought along (fib_add_ifaddr).
            .u8(direct && r.source() != null ? NetlinkAbi.RTPROT_KERNEL : NetlinkAbi.RTPROT_BOOT)
            .u8(direct ? NetlinkAbi.RT_SCOPE_LINK : NetlinkAbi.RT_SCOPE_UNIVERSE)
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

  private static int family(IpAddress a) {
    return a.v6() ? SocketAbi.AF_INET6 : SocketAbi.AF_INET;
  }

  private static int scope(IpAddress a) {
    return a.isLoopback()
        ? NetlinkAbi.RT_SCOPE_HOST
        : a.v6() && a.isLinkLocal() ? NetlinkAbi.RT_SCOPE_LINK : NetlinkAbi.RT_SCOPE_UNIVERSE;
  }

  private static byte[] raw(IpAddress a) {
    byte[] bytes = new byte[a.v6() ? 16 : 4];
    a.write(bytes, 0);
    return bytes;
  }
}
