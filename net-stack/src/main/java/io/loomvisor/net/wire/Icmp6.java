package io.loomvisor.net.wire;

/**
 * ICMPv6 (RFC 4443) and the message numbers of neighbour discovery (RFC 4861) and MLD (RFC 2710,
 * RFC 3810).
 */
public final class Icmp6 {
  public static final int HEADER = 8;
  public static final int UNREACHABLE = 1;
  public static final int PACKET_TOO_BIG = 2;
  public static final int TIME_EXCEEDED = 3;
  public static final int PARAMETER_PROBLEM = 4;
  public static final int ECHO_REQUEST = 128;
  public static final int ECHO_REPLY = 129;
  public static final int MLD_QUERY = 130;
  public static final int MLD_REPORT = 131;
  public static final int MLD_DONE = 132;
  public static final int MLD2_REPORT = 143;
  public static final int ROUTER_SOLICITATION = 133;
  public static final int ROUTER_ADVERTISEMENT = 134;
  public static final int NEIGHBOR_SOLICITATION = 135;
  public static final int NEIGHBOR_ADVERTISEMENT = 136;
  public static final int NDP_REDIRECT = 137;

  public static final int NO_ROUTE = 0;
  public static final int PROHIBITED = 1;
  public static final int ADDRESS_UNREACHABLE = 3;
  public static final int PORT_UNREACHABLE = 4;

  public static final int HOP_LIMIT_EXCEEDED = 0;
  public static final int REASSEMBLY_EXCEEDED = 1;

  public static final int PARAM_HEADER_FIELD = 0;
  public static final int PARAM_NEXT_HEADER = 1;
  public static final int PARAM_OPTION = 2;

  /** RFC 7112 section 6: the first fragment does not hold the whole header chain. */
  public static final int PARAM_INCOMPLETE_CHAIN = 3;

  private Icmp6() {}

  public static boolean check(byte[] a, int at, int length, IpAddress src, IpAddress dst) {
    return length >= HEADER
        && Checksum.valid(
            Checksum.add(Checksum.pseudo(src, dst, IpProtocol.ICMPV6, length), a, at, length));
  }

  public static int type(byte[] a, int at) {
    return Bytes.u8(a, at);
  }

  public static int code(byte[] a, int at) {
    return Bytes.u8(a, at + 1);
  }

  public static int rest(byte[] a, int at) {
    return Bytes.i32(a, at + 4);
  }

  public static void write(
      byte[] a, int at, int length, int type, int code, int rest, IpAddress src, IpAddress dst) {
    Bytes.put8(a, at, type);
    Bytes.put8(a, at + 1, code);
    Bytes.put16(a, at + 2, 0);
    Bytes.put32(a, at + 4, rest);
    long sum = Checksum.add(Checksum.pseudo(src, dst, IpProtocol.ICMPV6, length), a, at, length);
    Bytes.put16(a, at + 2, Checksum.finish(sum));
  }

  /** RFC 4443 section 2.1: the high bit of the type is clear. */
  public static boolean isError(int type) {
    return type < 128;
  }
}
