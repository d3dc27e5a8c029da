package io.loomvisor.net.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * Neighbour discovery messages (RFC 4861 section 4). {@link #parse} returns null for what section
 * 6.1 and 7.1 tell a node to discard; the caller has checked hop limit 255 and the checksum.
 */
public sealed interface Ndp {
  /**
   * Asks who has {@code target}; {@code source} is the asker's address, or null while it detects
   * duplicates.
   */
  record NeighborSolicitation(IpAddress target, MacAddress source) implements Ndp {}

  record NeighborAdvertisement(
      IpAddress target, MacAddress mac, boolean router, boolean solicited, boolean override)
      implements Ndp {}

  record RouterSolicitation(MacAddress source) implements Ndp {}

  /** Lifetimes in seconds; {@code mtu} 0 if absent. */
  record RouterAdvertisement(
      int hopLimit, int routerLifetime, MacAddress source, int mtu, List<Prefix> prefixes)
      implements Ndp {}

  /** A prefix information option; lifetimes in seconds, 0xffffffff for ever. */
  record Prefix(
      IpAddress prefix,
      int length,
      boolean onLink,
      boolean autonomous,
      long valid,
      long preferred) {}

  int SOURCE_LINK_ADDRESS = 1;
  int TARGET_LINK_ADDRESS = 2;
  int PREFIX_INFORMATION = 3;
  int MTU = 5;

  /** Bytes of a solicitation or advertisement of a neighbour with its one option. */
  int NEIGHBOR_LENGTH = 32;

  int SOLICITED = 0x4000_0000;
  int OVERRIDE = 0x2000_0000;
  int ROUTER = 0x8000_0000;

  static Ndp parse(byte[] a, int at, int length) {
    int type = Icmp6.type(a, at);
    int fixed =
        switch (type) {
          case Icmp6.NEIGHBOR_SOLICITATION, Icmp6.NEIGHBOR_ADVERTISEMENT -> 24;
          case Icmp6.ROUTER_SOLICITATION -> 8;
          case Icmp6.ROUTER_ADVERTISEMENT -> 16;
          default -> Integer.MAX_VALUE;
        };
    if (length < fixed || Icmp6.code(a, at) != 0) {
      return null;
    }
    Options o = Options.parse(a, at + fixed, at + length);
    if (o == null) {
      return null;
    }
    int rest = Icmp6.rest(a, at);
    switch (type) {
      case Icmp6.ROUTER_SOLICITATION:
        return new RouterSolicitation(o.source);
      case Icmp6.ROUTER_ADVERTISEMENT:
        return new RouterAdvertisement(rest >>> 24, rest & 0xffff, o.source, o.mtu, o.prefixes);
      default:
        IpAddress target = IpAddress.read(a, at + 8, true);
        if (target.isMulticast()) {
          return null;
        }
        return type == Icmp6.NEIGHBOR_SOLICITATION
            ? new NeighborSolicitation(target, o.source)
            : new NeighborAdvertisement(
                target,
                o.target,
                (rest & ROUTER) != 0,
                (rest & SOLICITED) != 0,
                (rest & OVERRIDE) != 0);
    }
  }

  /** Writes target and option of a neighbour message behind an ICMPv6 header at {@code at}. */
  static void writeNeighborBody(byte[] a, int at, IpAddress target, int option, MacAddress mac) {
    target.write(a, at + 8);
    Bytes.put8(a, at + 24, option);
    Bytes.put8(a, at + 25, 1);
    mac.write(a, at + 26);
  }

  /** The options of one message. */
  final class Options {
    private MacAddress source;
    private MacAddress target;
    private int mtu;
    private final List<Prefix> prefixes = new ArrayList<>(2);

    private Options() {}

    static Options parse(byte[] a, int from, int end) {
      Options o = new Options();
      int p = from;
      while (p < end) {
        // RFC 4861 section 4.6: an option of length 0 discards the packet.
        int n = p + 8 > end ? 0 : Bytes.u8(a, p + 1) * 8;
        if (n == 0 || p + n > end) {
          return null;
        }
        o.take(a, p, n);
        p += n;
      }
      return o;
    }

    private void take(byte[] a, int p, int n) {
      switch (Bytes.u8(a, p)) {
        case SOURCE_LINK_ADDRESS -> source = MacAddress.read(a, p + 2);
        case TARGET_LINK_ADDRESS -> target = MacAddress.read(a, p + 2);
        case MTU -> mtu = Bytes.i32(a, p + 4) > 0 ? Bytes.i32(a, p + 4) : 0;
        case PREFIX_INFORMATION -> {
          int bits = Bytes.u8(a, p + 2);
          if (n == 32 && bits <= 128 && prefixes.size() < 16) {
            int flags = Bytes.u8(a, p + 3);
            IpAddress prefix = IpAddress.read(a, p + 16, true).masked(bits);
            prefixes.add(
                new Prefix(
                    prefix,
                    bits,
                    (flags & 0x80) != 0,
                    (flags & 0x40) != 0,
                    Bytes.u32(a, p + 4),
                    Bytes.u32(a, p + 8)));
          }
        }
        default -> {}
      }
    }
  }
}
