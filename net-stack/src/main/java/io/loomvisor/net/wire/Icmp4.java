package io.loomvisor.net.wire;

/**
 * ICMPv4 (RFC 792, RFC 1191).
 *
 * <pre>
 *  0      1      2          4
 *  | type | code | checksum |
 *  | rest of header (4)     |
 *  | body …                 |
 * </pre>
 */
public final class Icmp4 {
  public static final int HEADER = 8;
  public static final int ECHO_REPLY = 0;
  public static final int UNREACHABLE = 3;
  public static final int SOURCE_QUENCH = 4;
  public static final int REDIRECT = 5;
  public static final int ECHO_REQUEST = 8;
  public static final int TIME_EXCEEDED = 11;
  public static final int PARAMETER_PROBLEM = 12;

  public static final int NET_UNREACHABLE = 0;
  public static final int HOST_UNREACHABLE = 1;
  public static final int PROTOCOL_UNREACHABLE = 2;
  public static final int PORT_UNREACHABLE = 3;
  public static final int FRAGMENTATION_NEEDED = 4;

  public static final int TTL_EXCEEDED = 0;
  public static final int REASSEMBLY_EXCEEDED = 1;

  private Icmp4() {}

  public static boolean check(byte[] a, int at, int length) {
    return length >= HEADER && Checksum.valid(Checksum.add(0, a, at, length));
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

  /** Next-hop MTU of a fragmentation-needed message. */
  public static int mtu(byte[] a, int at) {
    return Bytes.u16(a, at + 6);
  }

  /** Writes the header over a body already in place and the checksum of both. */
  public static void write(byte[] a, int at, int length, int type, int code, int rest) {
    Bytes.put8(a, at, type);
    Bytes.put8(a, at + 1, code);
    Bytes.put16(a, at + 2, 0);
    Bytes.put32(a, at + 4, rest);
    Bytes.put16(a, at + 2, Checksum.finish(Checksum.add(0, a, at, length)));
  }

  /** RFC 1122 section 3.2.2: messages that report an error about a datagram and quote it. */
  public static boolean isError(int type) {
    return type == UNREACHABLE
        || type == SOURCE_QUENCH
        || type == REDIRECT
        || type == TIME_EXCEEDED
        || type == PARAMETER_PROBLEM;
  }
}
