package io.loomvisor.net.filter.match;

import io.loomvisor.net.filter.Subject;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.IpView;
import java.util.List;

/** Ports of TCP or UDP in one of some ranges: {@code --sport}, {@code --dport}, multiport. */
public record Ports(Side side, List<Range> ranges, boolean multiport, boolean negated)
    implements Match {
  /** XT_MULTI_PORTS; a range counts as two. */
  public static final int MAX_MULTIPORT = 15;

  public enum Side {
    SOURCE,
    DESTINATION,
    /** multiport's {@code --ports}. */
    EITHER
  }

  /** Inclusive. */
  public record Range(int first, int last) {
    public Range {
      if (first < 0 || last > 65_535 || first > last) {
        throw new IllegalArgumentException("not a range of ports: " + first + ":" + last);
      }
    }

    boolean contains(int port) {
      return port >= first && port <= last;
    }
  }

  public Ports {
    ranges = List.copyOf(ranges);
    if (ranges.isEmpty() || !multiport && (ranges.size() > 1 || side == Side.EITHER)) {
      throw new IllegalArgumentException("number of ranges of ports: " + ranges.size());
    }
    int slots = ranges.stream().mapToInt(r -> r.first() == r.last() ? 1 : 2).sum();
    if (slots > MAX_MULTIPORT) {
      throw new IllegalArgumentException("more than " + MAX_MULTIPORT + " ports");
    }
  }

  @Override
  public Test install(Clock clock) {
    Range[] all = ranges.toArray(Range[]::new);
    return s -> matches(s, all);
  }

  private boolean matches(Subject s, Range[] all) {
    IpView v = s.view();
    if (!v.hasPorts()) {
      return false;
    }
    int from = Bytes.u16(s.array(), v.transport());
    int to = Bytes.u16(s.array(), v.transport() + 2);
    boolean found = false;
    for (Range r : all) {
      found |=
          switch (side) {
            case SOURCE -> r.contains(from);
            case DESTINATION -> r.contains(to);
            case EITHER -> r.contains(from) || r.contains(to);
          };
    }
    return found != negated;
  }
}
