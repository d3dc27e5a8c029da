package io.loomvisor.net.wire;

/**
 * IPv4 headers (RFC 791).
 *
 * <pre>
 *  0        1        2                 4
 *  |ver|ihl | tos    | total length    |
 *  | identification  |0DM| frag offset |
 *  | ttl    | proto  | checksum        |
 *  | source address                    |
 *  | destination address               |
 *  | options (0 to 40 bytes) …         |
 * </pre>
 */
public final class Ipv4 {
  public static final int MIN_HEADER = 20;
  public static final int DONT_FRAGMENT = 0x4000;
  public static final int MORE_FRAGMENTS = 0x2000;

  /** RFC 791: every link carries 68 bytes; every host takes 576. */
  public static final int MIN_MTU = 68;

  private Ipv4() {}

  /**
   * True if the version is 4, the header and the total length lie inside {@code length}, and the
   * header is valid.
   */
  public static boolean check(byte[] a, int at, int length) {
    if (length < MIN_HEADER || Bytes.u8(a, at) >>> 4 != 4) {
      return false;
    }
    int header = headerLength(a, at);
    int total = totalLength(a, at);
    return header >= MIN_HEADER && header <= total && total <= length;
  }

  public static boolean checksumValid(byte[] a, int at) {
    return Checksum.valid(Checksum.add(0, a, at, headerLength(a, at)));
  }

  public static int headerLength(byte[] a, int at) {
    return (Bytes.u8(a, at) & 15) * 4;
  }

  public static int tos(byte[] a, int at) {
    return Bytes.u8(a, at + 1);
  }

  public static int totalLength(byte[] a, int at) {
    return Bytes.u16(a, at + 2);
  }

  public static int identification(byte[] a, int at) {
    return Bytes.u16(a, at + 4);
  }

  public static int flagsAndOffset(byte[] a, int at) {
    return Bytes.u16(a, at + 6);
  }

  public static boolean isFragment(byte[] a, int at) {
    return (flagsAndOffset(a, at) & 0x3fff) != 0;
  }

  /** In bytes. */
  public static int fragmentOffset(byte[] a, int at) {
    return (flagsAndOffset(a, at) & 0x1fff) * 8;
  }

  public static int ttl(byte[] a, int at) {
    return Bytes.u8(a, at + 8);
  }

  public static int protocol(byte[] a, int at) {
    return Bytes.u8(a, at + 9);
  }

  public static int source(byte[] a, int at) {
    return Bytes.i32(a, at + 12);
  }

  public static int destination(byte[] a, int at) {
    return Bytes.i32(a, at + 16);
  }

  /** Writes a header without options and its checksum. */
  public static void write(
      byte[] a,
      int at,
      int total,
      int tos,
      int id,
      int flagsAndOffset,
      int ttl,
      int protocol,
      int src,
      int dst) {
    Bytes.put8(a, at, 0x45);
    Bytes.put8(a, at + 1, tos);
    Bytes.put16(a, at + 2, total);
    Bytes.put16(a, at + 4, id);
    Bytes.put16(a, at + 6, flagsAndOffset);
    Bytes.put8(a, at + 8, ttl);
    Bytes.put8(a, at + 9, protocol);
    Bytes.put32(a, at + 12, src);
    Bytes.put32(a, at + 16, dst);
    writeChecksum(a, at);
  }

  /** Recomputes the header checksum. */
  public static void writeChecksum(byte[] a, int at) {
    Bytes.put16(a, at + 10, 0);
    Bytes.put16(a, at + 10, Checksum.finish(Checksum.add(0, a, at, headerLength(a, at))));
  }

  /** What the options of a received header amount to. */
  public enum Options {
    NONE,
    HARMLESS,
    /** Loose or strict source routing: dropped, as Linux does with accept_source_route=0. */
    SOURCE_ROUTE,
    MALFORMED
  }

  /** Walks the options of a checked header. */
  public static Options options(byte[] a, int at) {
    int end = at + headerLength(a, at);
    int p = at + MIN_HEADER;
    if (p == end) {
      return Options.NONE;
    }
    while (p < end && Bytes.u8(a, p) != 0) {
      int n = optionLength(a, p, end);
      if (n < 0) {
        return Options.MALFORMED;
      }
      int type = Bytes.u8(a, p);
      if (type == 131 || type == 137) {
        return Options.SOURCE_ROUTE;
      }
      p += n;
    }
    return Options.HARMLESS;
  }

  /** Where in the header the malformed option starts, for ICMP's pointer. */
  public static int malformedOption(byte[] a, int at) {
    int end = at + headerLength(a, at);
    int p = at + MIN_HEADER;
    while (p < end && optionLength(a, p, end) > 0) {
      p += optionLength(a, p, end);
    }
    return p - at;
  }

  /** Bytes of the option at {@code p}, or -1 if it does not end before {@code end}. */
  private static int optionLength(byte[] a, int p, int end) {
    if (Bytes.u8(a, p) <= 1) {
      return 1;
    }
    int n = p + 2 > end ? -1 : Bytes.u8(a, p + 1);
    return n < 2 || p + n > end ? -1 : n;
  }
}
