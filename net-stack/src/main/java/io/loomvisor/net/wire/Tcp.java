package io.loomvisor.net.wire;

/**
 * TCP headers (RFC 9293 section 3.1).
 *
 * <pre>
 *  0                 2                 4
 *  | source port     | destination port|
 *  | sequence number                   |
 *  | acknowledgment number             |
 *  |off|rsv| flags   | window          |
 *  | checksum        | urgent pointer  |
 *  | options …                         |
 * </pre>
 */
public final class Tcp {
  public static final int MIN_HEADER = 20;
  public static final int MAX_HEADER = 60;
  public static final int FIN = 1;
  public static final int SYN = 2;
  public static final int RST = 4;
  public static final int PSH = 8;
  public static final int ACK = 16;
  public static final int URG = 32;
  public static final int ECE = 64;
  public static final int CWR = 128;

  /** Where the checksum is in the header. */
  public static final int CHECKSUM = 16;

  private Tcp() {}

  /** True if the header, with its options, lies inside {@code length}. */
  public static boolean check(byte[] a, int at, int length) {
    return length >= MIN_HEADER
        && headerLength(a, at) >= MIN_HEADER
        && headerLength(a, at) <= length;
  }

  public static int sourcePort(byte[] a, int at) {
    return Bytes.u16(a, at);
  }

  public static int destinationPort(byte[] a, int at) {
    return Bytes.u16(a, at + 2);
  }

  public static int seq(byte[] a, int at) {
    return Bytes.i32(a, at + 4);
  }

  public static int ack(byte[] a, int at) {
    return Bytes.i32(a, at + 8);
  }

  public static int headerLength(byte[] a, int at) {
    return Bytes.u8(a, at + 12) >>> 4 << 2;
  }

  public static int flags(byte[] a, int at) {
    return Bytes.u8(a, at + 13);
  }

  public static int window(byte[] a, int at) {
    return Bytes.u16(a, at + 14);
  }

  public static int checksum(byte[] a, int at) {
    return Bytes.u16(a, at + 16);
  }

  public static int urgentPointer(byte[] a, int at) {
    return Bytes.u16(a, at + 18);
  }

  /**
   * Writes the fixed header with a zero checksum; {@code header} is its length with options, a
   * multiple of 4.
   */
  public static void write(
      byte[] a,
      int at,
      int header,
      int srcPort,
      int dstPort,
      int seq,
      int ack,
      int flags,
      int window,
      int urgent) {
    Bytes.put16(a, at, srcPort);
    Bytes.put16(a, at + 2, dstPort);
    Bytes.put32(a, at + 4, seq);
    Bytes.put32(a, at + 8, ack);
    Bytes.put8(a, at + 12, header << 2);
    Bytes.put8(a, at + 13, flags);
    Bytes.put16(a, at + 14, window);
    Bytes.put16(a, at + 16, 0);
    Bytes.put16(a, at + 18, urgent);
  }

  /** Sets the checksum field to the pseudo-header's sum, for whoever adds the rest. */
  public static void writePartialChecksum(byte[] a, int at, long pseudo) {
    Bytes.put16(a, at + CHECKSUM, ~Checksum.finish(pseudo));
  }

  /** Sets the checksum over header and payload. */
  public static void writeChecksum(byte[] a, int at, int length, long pseudo) {
    Bytes.put16(a, at + 16, 0);
    Bytes.put16(a, at + 16, Checksum.finish(Checksum.add(pseudo, a, at, length)));
  }
}
