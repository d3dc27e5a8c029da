package io.loomvisor.net.wire;

/**
 * ARP for IPv4 over Ethernet (RFC 826).
 *
 * <pre>
 *  0    2    4   5   6    8       14       18       24       28
 *  | hw | pr | hl| pl| op | sha   | spa    | tha    | tpa    |
 * </pre>
 */
public record ArpPacket(
    int operation, MacAddress senderMac, int senderIp, MacAddress targetMac, int targetIp) {
  public static final int LENGTH = 28;
  public static final int REQUEST = 1;
  public static final int REPLY = 2;

  public ArpPacket {
    if (operation != REQUEST && operation != REPLY) {
      throw new IllegalArgumentException("ARP operation " + operation);
    }
  }

  /**
   * The packet, or null if it is truncated or not IPv4 over Ethernet or neither a request nor a
   * reply.
   */
  public static ArpPacket parse(byte[] a, int at, int length) {
    if (length < LENGTH
        || Bytes.u16(a, at) != 1
        || Bytes.u16(a, at + 2) != Ethernet.TYPE_IPV4
        || Bytes.u8(a, at + 4) != 6
        || Bytes.u8(a, at + 5) != 4) {
      return null;
    }
    int op = Bytes.u16(a, at + 6);
    if (op != REQUEST && op != REPLY) {
      return null;
    }
    return new ArpPacket(
        op,
        MacAddress.read(a, at + 8),
        Bytes.i32(a, at + 14),
        MacAddress.read(a, at + 18),
        Bytes.i32(a, at + 24));
  }

  public void write(byte[] a, int at) {
    Bytes.put16(a, at, 1);
    Bytes.put16(a, at + 2, Ethernet.TYPE_IPV4);
    Bytes.put8(a, at + 4, 6);
    Bytes.put8(a, at + 5, 4);
    Bytes.put16(a, at + 6, operation);
    senderMac.write(a, at + 8);
    Bytes.put32(a, at + 14, senderIp);
    targetMac.write(a, at + 18);
    Bytes.put32(a, at + 24, targetIp);
  }
}
