package io.loomvisor.net.wire;

import java.util.Arrays;
import java.util.List;

/**
 * IGMP of all versions (RFC 1112 appendix I, RFC 2236, RFC 3376 section 4).
 *
 * <pre>
 *  0      1             2          4
 *  | type | max resp    | checksum |
 *  | group address                 |   queries and old reports
 *  |r|s|qrv| qqic | sources (n)    |   version 3 queries
 *  | source address 1 …            |
 * </pre>
 */
public final class Igmp {
  public static final int HEADER = 8;
  public static final int V3_QUERY = 12;
  public static final int QUERY = 0x11;
  public static final int V1_REPORT = 0x12;
  public static final int V2_REPORT = 0x16;
  public static final int V2_LEAVE = 0x17;
  public static final int V3_REPORT = 0x22;

  /** RFC 3376 section 4.2.14. */
  public static final IpAddress ALL_V3_ROUTERS = IpAddress.parse("224.0.0.22");

  public static final IpAddress ALL_ROUTERS = IpAddress.parse("224.0.0.2");

  private Igmp() {}

  public static boolean check(byte[] a, int at, int length) {
    return length >= HEADER && Checksum.valid(Checksum.add(0, a, at, length));
  }

  /** The query at {@code at}, which {@link #check} was true for, or null if it is none. */
  public static GroupQuery query(byte[] a, int at, int length) {
    if (Bytes.u8(a, at) != QUERY) {
      return null;
    }
    int code = Bytes.u8(a, at + 1);
    IpAddress group = IpAddress.read(a, at + 4, false);
    if (length < V3_QUERY) {
      // RFC 3376 section 7.1: eight bytes are an old query, and without a time one of version 1.
      return new GroupQuery(code == 0 ? 1 : 2, (code == 0 ? 100 : code) * 100, group, List.of());
    }
    int delay = code < 0x80 ? code : (code & 15 | 16) << ((code >>> 4 & 7) + 3);
    List<IpAddress> sources = GroupQuery.sources(a, at + 10, at + length, false);
    return sources == null ? null : new GroupQuery(3, delay * 100, group, sources);
  }

  /** A message of version 1 or 2. */
  public static byte[] message(int type, IpAddress group) {
    byte[] m = new byte[HEADER];
    m[0] = (byte) type;
    group.write(m, 4);
    return summed(m);
  }

  /** A version 3 report of what {@link GroupQuery#records} wrote. */
  public static byte[] report(byte[] records, int count) {
    byte[] m = Arrays.copyOf(new byte[HEADER], HEADER + records.length);
    System.arraycopy(records, 0, m, HEADER, records.length);
    m[0] = V3_REPORT;
    Bytes.put16(m, 6, count);
    return summed(m);
  }

  private static byte[] summed(byte[] m) {
    Bytes.put16(m, 2, Checksum.finish(Checksum.add(0, m, 0, m.length)));
    return m;
  }
}
