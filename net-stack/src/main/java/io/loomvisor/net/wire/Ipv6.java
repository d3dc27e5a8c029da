package io.loomvisor.net.wire;

/**
 * IPv6 headers (RFC 8200).
 *
 * <pre>
 *  0        1        2                 4
 *  |ver|traffic class|  flow label     |
 *  | payload length  | next  | hop lim |
 *  | source (16)                       |
 *  | destination (16)                  |
 * </pre>
 */
public final class Ipv6 {
  public static final int HEADER = 40;
  public static final int FRAGMENT_HEADER = 8;

  /** RFC 8200 section 5. */
  public static final int MIN_MTU = 1280;

  private Ipv6() {}

  /**
   * True if the version is 6 and the payload lies inside {@code length}. Jumbograms (RFC 2675) are
   * not taken.
   */
  public static boolean check(byte[] a, int at, int length) {
    return length >= HEADER
        && Bytes.u8(a, at) >>> 4 == 6
        && HEADER + payloadLength(a, at) <= length;
  }

  public static int trafficClass(byte[] a, int at) {
    return Bytes.u16(a, at) >>> 4 & 0xff;
  }

  public static int payloadLength(byte[] a, int at) {
    return Bytes.u16(a, at + 4);
  }

  public static int nextHeader(byte[] a, int at) {
    return Bytes.u8(a, at + 6);
  }

  public static int hopLimit(byte[] a, int at) {
    return Bytes.u8(a, at + 7);
  }

  public static void write(
      byte[] a,
      int at,
      int payload,
      int trafficClass,
      int flow,
      int next,
      int hopLimit,
      IpAddress src,
      IpAddress dst) {
    writeFixed(a, at, payload, trafficClass, flow, next, hopLimit);
    src.write(a, at + 8);
    dst.write(a, at + 24);
  }

  /** Writes all but the addresses. */
  public static void writeFixed(
      byte[] a, int at, int payload, int trafficClass, int flow, int next, int hopLimit) {
    Bytes.put32(a, at, 6 << 28 | (trafficClass & 0xff) << 20 | flow & 0xf_ffff);
    Bytes.put16(a, at + 4, payload);
    Bytes.put8(a, at + 6, next);
    Bytes.put8(a, at + 7, hopLimit);
  }

  /**
   * Walks extension headers (RFC 8200 section 4) up to the transport header or a fragment header.
   *
   * <p>{@code position}: where the walk ended. {@code next}: the header there. {@code problem}: an
   * ICMPv6 Parameter Problem code, or -1, or {@link #DROP}; {@code pointer}: the offending octet,
   * from the IP header; without a problem, the octet that names {@code next}.
   */
  public record Extensions(int position, int next, int problem, int pointer) {
    public static final int NO_PROBLEM = -1;

    /** Discard silently: truncated, or an option says so. */
    public static final int DROP = -2;
  }

  private static final int MAX_EXTENSIONS = 8;

  /**
   * True if an unknown option of this type must not be reported when the packet was sent to a group
   * (RFC 8200 section 4.2: the two high bits are 11).
   */
  public static boolean silentForGroups(int optionType) {
    return optionType >>> 6 == 3;
  }

  /**
   * True if the bytes from {@code from} on hold every header up to the transport's, and that one
   * too, as a first fragment must (RFC 7112).
   */
  public static boolean chainIsComplete(byte[] a, int ip, int end, int first, int from) {
    Extensions e = walk(a, ip, end, first, from);
    if (e.problem() != Extensions.NO_PROBLEM) {
      return false;
    }
    int least =
        switch (e.next()) {
          case IpProtocol.TCP -> Tcp.MIN_HEADER;
          case IpProtocol.UDP, IpProtocol.ICMPV6 -> 8;
          case IpProtocol.NONE -> 0;
          default -> 1;
        };
    return e.position() + least <= end;
  }

  public static Extensions walk(byte[] a, int ip, int end, int first, int from) {
    int next = first;
    int at = from;
    int namedAt = ip + 6;
    for (int i = 0; i < MAX_EXTENSIONS; i++) {
      switch (next) {
        case IpProtocol.HOP_BY_HOP, IpProtocol.DESTINATION_OPTIONS, IpProtocol.ROUTING -> {
          if (next == IpProtocol.HOP_BY_HOP && at != ip + HEADER) {
            // Only directly after the IPv6 header: "unrecognized next header" (RFC 8200 section 4).
            return new Extensions(at, next, Icmp6.PARAM_NEXT_HEADER, namedAt - ip);
          }
          int length = at + 8 > end ? -1 : (Bytes.u8(a, at + 1) + 1) * 8;
          if (length < 0 || at + length > end) {
            return new Extensions(at, next, Extensions.DROP, 0);
          }
          Extensions bad =
              next == IpProtocol.ROUTING ? routing(a, ip, at) : options(a, ip, at, length, next);
          if (bad != null) {
            return bad;
          }
          next = Bytes.u8(a, at);
          namedAt = at;
          at += length;
        }
        default -> {
          return new Extensions(at, next, Extensions.NO_PROBLEM, namedAt - ip);
        }
      }
    }
    return new Extensions(at, next, Extensions.DROP, 0);
  }

  /**
   * Segments left must be 0: type 0 is deprecated (RFC 5095), others are not for hosts that do not
   * know them.
   */
  private static Extensions routing(byte[] a, int ip, int at) {
    return Bytes.u8(a, at + 3) == 0
        ? null
        : new Extensions(at, IpProtocol.ROUTING, Icmp6.PARAM_HEADER_FIELD, at + 2 - ip);
  }

  /** RFC 8200 section 4.2: the two high bits of an unknown option say what to do. */
  private static Extensions options(byte[] a, int ip, int at, int length, int header) {
    int end = at + length;
    int p = at + 2;
    while (p < end) {
      int type = Bytes.u8(a, p);
      if (type == 0) {
        p++;
        continue;
      }
      if (p + 2 > end || p + 2 + Bytes.u8(a, p + 1) > end) {
        return new Extensions(at, header, Extensions.DROP, 0);
      }
      boolean known = type == 1 || type == 5;
      if (!known && type >>> 6 != 0) {
        boolean report = type >>> 6 >= 2;
        return new Extensions(at, header, report ? Icmp6.PARAM_OPTION : Extensions.DROP, p - ip);
      }
      p += 2 + Bytes.u8(a, p + 1);
    }
    return null;
  }
}
