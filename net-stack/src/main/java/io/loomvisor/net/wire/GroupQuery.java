package io.loomvisor.net.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * A multicast router's question who listens, of IGMP or MLD: both have the same contents.
 *
 * @param version as IGMP counts: 3 is MLD's 2, 2 is MLD's 1
 * @param maxDelayMillis answers are spread over this time
 * @param group unspecified: all
 * @param sources only these; empty: all
 */
public record GroupQuery(
    int version, int maxDelayMillis, IpAddress group, List<IpAddress> sources) {
  /** Of one query; more are not kept: the answer is then about the whole group. */
  private static final int MAX_SOURCES = 64;

  /** Reads a count and as many addresses; null if they do not end before {@code end}. */
  static List<IpAddress> sources(byte[] a, int at, int end, boolean v6) {
    int n = Bytes.u16(a, at);
    int size = v6 ? 16 : 4;
    if (at + 2 + n * size > end) {
      return null;
    }
    List<IpAddress> all = new ArrayList<>();
    for (int i = 0; i < n && n <= MAX_SOURCES; i++) {
      all.add(IpAddress.read(a, at + 2 + i * size, v6));
    }
    return List.copyOf(all);
  }

  /** What a report says about one group (RFC 3376 section 4.2.12, RFC 3810 section 5.2.12). */
  public record GroupRecord(int type, IpAddress group, List<IpAddress> sources) {
    public static final int MODE_IS_INCLUDE = 1;
    public static final int MODE_IS_EXCLUDE = 2;
    public static final int CHANGE_TO_INCLUDE_MODE = 3;
    public static final int CHANGE_TO_EXCLUDE_MODE = 4;

    public int length() {
      return 4 + (1 + sources.size()) * (group.v6() ? 16 : 4);
    }

    void write(byte[] a, int at) {
      int size = group.v6() ? 16 : 4;
      a[at] = (byte) type;
      Bytes.put16(a, at + 2, sources.size());
      group.write(a, at + 4);
      for (int i = 0; i < sources.size(); i++) {
        sources.get(i).write(a, at + 4 + (1 + i) * size);
      }
    }
  }

  /** The records one after the other. */
  public static byte[] records(List<GroupRecord> records) {
    byte[] all = new byte[records.stream().mapToInt(GroupRecord::length).sum()];
    int at = 0;
    for (GroupRecord r : records) {
      r.write(all, at);
      at += r.length();
    }
    return all;
  }
}
