package io.loomvisor.net.wire;

/**
 * Ethernet II frames (IEEE 802.3 clause 3, RFC 894).
 *
 * <pre>
 *  0      6      12    14
 *  | dst  | src  | type | payload …
 * </pre>
 */
public final class Ethernet {
  public static final int HEADER_LENGTH = 14;
  public static final int TYPE_IPV4 = 0x0800;
  public static final int TYPE_ARP = 0x0806;
  public static final int TYPE_IPV6 = 0x86dd;

  private Ethernet() {}

  /** True if {@code length} bytes hold a header. */
  public static boolean check(int length) {
    return length >= HEADER_LENGTH;
  }

  public static long destination(byte[] a, int at) {
    return MacAddress.readValue(a, at);
  }

  public static long source(byte[] a, int at) {
    return MacAddress.readValue(a, at + 6);
  }

  public static int type(byte[] a, int at) {
    return Bytes.u16(a, at + 12);
  }

  public static void write(byte[] a, int at, MacAddress destination, MacAddress source, int type) {
    destination.write(a, at);
    source.write(a, at + 6);
    Bytes.put16(a, at + 12, type);
  }
}
