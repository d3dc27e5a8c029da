package io.loomvisor.net.wire;

/**
 * UDP (RFC 768; RFC 8200 section 8.1 for IPv6).
 *
 * <pre>
 *  0          2          4        6          8
 *  | src port | dst port | length | checksum | data …
 * </pre>
 */
public final class Udp {
  public static final int HEADER = 8;
  public static final int MAX_PAYLOAD = 65_507;

  private Udp() {}

  /** True if the announced length covers the header and lies inside {@code length}. */
  public static boolean check(byte[] a, int at, int length) {
    return length >= HEADER && length(a, at) >= HEADER && length(a, at) <= length;
  }

  public static int sourcePort(byte[] a, int at) {
    return Bytes.u16(a, at);
  }

  public static int destinationPort(byte[] a, int at) {
    return Bytes.u16(a, at + 2);
  }

  public static int length(byte[] a, int at) {
    return Bytes.u16(a, at + 4);
  }

  /** 0 means none, which IPv6 does not allow. */
  public static int checksum(byte[] a, int at) {
    return Bytes.u16(a, at + 6);
  }

  /**
   * Writes the header in front of a payload in place; {@code pseudo} is the pseudo-header's sum.
   */
  public static void write(byte[] a, int at, int length, int srcPort, int dstPort, long pseudo) {
    Bytes.put16(a, at, srcPort);
    Bytes.put16(a, at + 2, dstPort);
    Bytes.put16(a, at + 4, length);
    Bytes.put16(a, at + 6, 0);
    int sum = Checksum.finish(Checksum.add(pseudo, a, at, length));
    Bytes.put16(a, at + 6, sum == 0 ? 0xffff : sum);
  }
}
