package io.loomvisor.net.wire;

import java.util.List;

/** Multicast listener discovery (RFC 2710, RFC 3810), whose messages are ICMPv6's. */
public final class Mld {
  public static final int V1_LENGTH = 24;
  public static final int V2_QUERY = 28;

  /** RFC 3810 section 5.2.14. */
  public static final IpAddress ALL_V2_ROUTERS = IpAddress.parse("ff02::16");

  private Mld() {}

  /** The query in a checksummed ICMPv6 message, or null if it is none. */
  public static GroupQuery query(byte[] a, int at, int length) {
    if (Icmp6.type(a, at) != Icmp6.MLD_QUERY || length < V1_LENGTH) {
      return null;
    }
    int code = Bytes.u16(a, at + 4);
    IpAddress group = IpAddress.read(a, at + 8, true);
    if (length < V2_QUERY) {
      // RFC 3810 section 8.1: between 24 and 28 bytes it is nothing.
      return length == V1_LENGTH ? new GroupQuery(2, code, group, List.of()) : null;
    }
    int delay = code < 0x8000 ? code : (code & 0xfff | 0x1000) << ((code >>> 12 & 7) + 3);
    List<IpAddress> sources = GroupQuery.sources(a, at + 26, at + length, true);
    return sources == null ? null : new GroupQuery(3, delay, group, sources);
  }

  /**
   * RFC 3810 section 6.2: true if the packet whose IPv6 header is at {@code ip} has the router
   * alert option (RFC 2711) in a hop-by-hop header, which was found to be well-formed.
   */
  public static boolean hasRouterAlert(byte[] a, int ip) {
    if (Ipv6.nextHeader(a, ip) != IpProtocol.HOP_BY_HOP) {
      return false;
    }
    int p = ip + Ipv6.HEADER + 2;
    int end = ip + Ipv6.HEADER + (Bytes.u8(a, ip + Ipv6.HEADER + 1) + 1) * 8;
    while (p < end && Bytes.u8(a, p) != 5) {
      p += Bytes.u8(a, p) == 0 ? 1 : 2 + Bytes.u8(a, p + 1);
    }
    return p < end;
  }
}
