package io.loomvisor.net.filter.match;

import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.IpAddress;

/** Source or destination lie in a prefix: {@code -s}, {@code -d}. */
public record Prefix(boolean source, IpAddress address, int length, boolean negated)
    implements Match {
  public Prefix {
    address = address.masked(length);
  }

  @Override
  public Test install(Clock clock) {
    IpAddress all = IpAddress.v6(-1, -1).masked(address.v6() ? length : 0);
    long hi = address.v6() ? all.hi() : 0;
    long lo = address.v6() ? all.lo() : length == 0 ? 0 : -1L << 32 - length;
    return s -> {
      IpAddress a = source ? s.source() : s.destination();
      boolean inside = ((a.hi() ^ address.hi()) & hi | (a.lo() ^ address.lo()) & lo) == 0;
      return inside != negated;
    };
  }
}
