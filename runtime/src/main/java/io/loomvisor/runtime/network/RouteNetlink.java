package io.loomvisor.runtime.network;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.socket.netlink.MessageWriter;
import io.loomvisor.kernel.socket.netlink.NetlinkAbi;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import io.loomvisor.runtime.host.NetlinkSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads and changes the network namespace of its maker (rtnetlink(7)). One thread. */
final class RouteNetlink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouteNetlink.class);

  // struct ifinfomsg: type 2, index 4, flags 8. struct ifaddrmsg: family 0, prefixlen 1, index 4.
  // struct rtmsg: family 0, dst_len 1, table 4, type 7. struct ndmsg: family 0, ifindex 4, state 8.
  private static final int IFINFOMSG = 16;
  private static final int IFADDRMSG = 8;
  private static final int RTMSG = 12;
  private static final int NDMSG = 12;

  /** The fixed part of any of them. */
  static final int SHORTEST = IFADDRMSG;

  private static final int IFF_UP = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int MAC_SIZE = 6;

  private final NetlinkSocket socket;
  private int sequence;

  RouteNetlink() throws IOException {
    socket = NetlinkSocket.open();
  }

  /** All interfaces with what belongs to them, in the order of their numbers. */
  List<HostLink> links() throws IOException {
    List<RouteMessage> addresses = dump(NetlinkAbi.RTM_GETADDR, IFADDRMSG);
    List<RouteMessage> routes = dump(NetlinkAbi.RTM_GETROUTE, RTMSG);
    List<RouteMessage> neighbors = dump(NetlinkAbi.RTM_GETNEIGH, NDMSG);
    List<HostLink> links = new ArrayList<>();
    for (RouteMessage m : dump(NetlinkAbi.RTM_GETLINK, IFINFOMSG)) {
      int index = m.i32(4);
      byte[] mac = m.attribute(IFINFOMSG, NetlinkAbi.IFLA_ADDRESS);
      links.add(
          new HostLink(
              index,
              m.text(IFINFOMSG, NetlinkAbi.IFLA_IFNAME),
              m.u16(2),
              (m.i32(8) & IFF_UP) != 0,
              m.number(IFINFOMSG, NetlinkAbi.IFLA_MTU, 0),
              mac == null || mac.length != MAC_SIZE ? null : MacAddress.read(mac, 0),
              m.text(IFINFOMSG, NetlinkAbi.IFLA_IFALIAS),
              addresses(addresses, index),
              routes(routes, index),
              neighbors(neighbors, index)));
    }
    links.sort(Comparator.comparingInt(HostLink::index));
    return links;
  }

  private static List<HostLink.Address> addresses(List<RouteMessage> all, int index) {
    List<HostLink.Address> found = new ArrayList<>();
    for (RouteMessage m : all) {
      // IFA_LOCAL is the own address where IFA_ADDRESS is the peer's (rtnetlink(7)).
      byte[] own = m.attribute(IFADDRMSG, NetlinkAbi.IFA_LOCAL);
      byte[] address = own != null ? own : m.attribute(IFADDRMSG, NetlinkAbi.IFA_ADDRESS);
      if (m.i32(4) == index && isInternet(m.u8(0)) && address != null) {
        found.add(new HostLink.Address(ip(address), m.u8(1)));
      }
    }
    return found;
  }

  private static List<HostLink.Way> routes(List<RouteMessage> all, int index) {
    List<HostLink.Way> found = new ArrayList<>();
    for (RouteMessage m : all) {
      boolean main = m.number(RTMSG, NetlinkAbi.RTA_TABLE, m.u8(4)) == NetlinkAbi.RT_TABLE_MAIN;
      if (!main || m.u8(7) != NetlinkAbi.RTN_UNICAST || !isInternet(m.u8(0))) {
        continue;
      }
      if (m.attribute(RTMSG, NetlinkAbi.RTA_MULTIPATH) != null) {
        LOG.warn("A route with several next hops is left out.");
        continue;
      }
      if (m.number(RTMSG, NetlinkAbi.RTA_OIF, 0) == index) {
        found.add(way(m));
      }
    }
    return found;
  }

  /** The IPv4 route of the main table that {@code m} tells of; null if it is none of that kind. */
  static HostLink.Way mainRoute(RouteMessage m) {
    boolean main = m.number(RTMSG, NetlinkAbi.RTA_TABLE, m.u8(4)) == NetlinkAbi.RT_TABLE_MAIN;
    return main && m.u8(0) == AF_INET && m.u8(7) == NetlinkAbi.RTN_UNICAST ? way(m) : null;
  }

  /** Of which interface; 0 if of several or none. */
  static int outOf(RouteMessage m) {
    return m.number(RTMSG, NetlinkAbi.RTA_OIF, 0);
  }

  /** The IPv4 address that {@code m} tells of; null if it is another kind of address. */
  static HostLink.Address address(RouteMessage m) {
    byte[] own = m.attribute(IFADDRMSG, NetlinkAbi.IFA_LOCAL);
    return own == null || m.u8(0) != AF_INET ? null : new HostLink.Address(ip(own), m.u8(1));
  }

  private static HostLink.Way way(RouteMessage m) {
    byte[] prefix = m.attribute(RTMSG, NetlinkAbi.RTA_DST);
    return new HostLink.Way(
        prefix == null ? IpAddress.any(m.u8(0) == AF_INET6) : ip(prefix),
        m.u8(1),
        ipOrNull(m.attribute(RTMSG, NetlinkAbi.RTA_GATEWAY)),
        ipOrNull(m.attribute(RTMSG, NetlinkAbi.RTA_PREFSRC)),
        m.number(RTMSG, NetlinkAbi.RTA_PRIORITY, 0));
  }

  private static List<HostLink.Neighbor> neighbors(List<RouteMessage> all, int index) {
    List<HostLink.Neighbor> found = new ArrayList<>();
    for (RouteMessage m : all) {
      byte[] address = m.attribute(NDMSG, NetlinkAbi.NDA_DST);
      byte[] mac = m.attribute(NDMSG, NetlinkAbi.NDA_LLADDR);
      boolean permanent = (m.u16(8) & NetlinkAbi.NUD_PERMANENT) != 0;
      if (m.i32(4) == index
          && permanent
          && isInternet(m.u8(0))
          && address != null
          && mac != null
          && mac.length == MAC_SIZE) {
        found.add(new HostLink.Neighbor(ip(address), MacAddress.read(mac, 0)));
      }
    }
    return found;
  }

  /** Takes an address from an interface. */
  void removeAddress(HostLink link, HostLink.Address a) throws IOException {
    IpAddress ip = a.address();
    byte[] raw = new byte[ip.v6() ? 16 : 4];
    ip.write(raw, 0);
    MessageWriter m =
        change(NetlinkAbi.RTM_DELADDR, 0)
            .u8(ip.v6() ? AF_INET6 : AF_INET)
            .u8(a.prefixLength())
            .u8(0)
            .u8(0)
            .u32(link.index())
            .attribute(NetlinkAbi.IFA_LOCAL, raw);
    if (ip.v6()) {
      m.attribute(NetlinkAbi.IFA_ADDRESS, raw);
    }
    commit("removing " + ip + " from " + link.name(), m);
  }

  /** Notes {@code alias} about an interface; it is shown by ip-link(8). */
  void setAlias(HostLink link, String alias) throws IOException {
    commit(
        "a note about " + link.name(),
        change(NetlinkAbi.RTM_NEWLINK, 0)
            .u8(0)
            .u8(0)
            .u8(0)
            .u8(0)
            .u32(link.index())
            .u32(0)
            .u32(0)
            .attribute(NetlinkAbi.IFLA_IFALIAS, alias.getBytes(StandardCharsets.US_ASCII)));
  }

  /** Begins a message of {@code type} that changes something; {@link #commit} sends it. */
  MessageWriter change(int type, int flags) {
    int all = flags | NetlinkAbi.NLM_F_REQUEST | NetlinkAbi.NLM_F_ACK;
    return new MessageWriter(type, all, ++sequence, 0);
  }

  /** Sends what {@link #change} began and waits until it is done. */
  void commit(String what, MessageWriter m) throws IOException {
    socket.send(m.finish());
    collect(what);
  }

  /** As {@link #commit}; that it is done already is no failure. */
  void commitOnce(String what, MessageWriter m) throws IOException {
    socket.send(m.finish());
    collect(what, Set.of(Errno.EEXIST.number(), Errno.ENOENT.number()));
  }

  private List<RouteMessage> dump(int type, int header) throws IOException {
    int flags = NetlinkAbi.NLM_F_REQUEST | NetlinkAbi.NLM_F_DUMP;
    MessageWriter m = new MessageWriter(type, flags, ++sequence, 0).bytes(new byte[header]);
    socket.send(m.finish());
    return collect("request " + type).stream().filter(a -> a.payload().limit() >= header).toList();
  }

  /** The answers up to the one that ends them: NLMSG_DONE, or an acknowledgement. */
  private List<RouteMessage> collect(String what) throws IOException {
    return collect(what, Set.of());
  }

  private List<RouteMessage> collect(String what, Set<Integer> noFailures) throws IOException {
    List<RouteMessage> answers = new ArrayList<>();
    for (; ; ) {
      ByteBuffer b = socket.receive();
      while (b.remaining() >= MessageWriter.HEADER) {
        int start = b.position();
        int length = b.getInt(start);
        if (length < MessageWriter.HEADER || length > b.remaining()) {
          throw new IOException(what + ": an answer that is cut off");
        }
        int type = b.getShort(start + 4) & 0xffff;
        int from = start + MessageWriter.HEADER;
        if (b.getInt(start + 8) == sequence) {
          if (type == NetlinkAbi.NLMSG_DONE) {
            return answers;
          }
          if (type == NetlinkAbi.NLMSG_ERROR) {
            int errno = -b.getInt(from);
            check(what, noFailures.contains(errno) ? 0 : errno);
            return answers;
          }
          byte[] payload = Arrays.copyOfRange(b.array(), from, start + length);
          answers.add(
              new RouteMessage(type, ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN)));
        }
        b.position(Math.min(b.limit(), start + (length + 3 & ~3)));
      }
    }
  }

  private static void check(String what, int errno) throws IOException {
    if (errno != 0) {
      throw new IOException(what + ": " + Errno.of(errno).text());
    }
  }

  private static boolean isInternet(int family) {
    return family == AF_INET || family == AF_INET6;
  }

  private static IpAddress ipOrNull(byte[] raw) {
    return raw == null ? null : ip(raw);
  }

  private static IpAddress ip(byte[] raw) {
    return IpAddress.read(raw, 0, raw.length == 16);
  }

  @Override
  public void close() {
    socket.close();
  }
}
