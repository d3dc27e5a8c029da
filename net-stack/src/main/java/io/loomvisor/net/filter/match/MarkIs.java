package io.loomvisor.net.filter.match;

import io.loomvisor.net.time.Clock;

/** The packet's mark, under a mask: {@code -m mark --mark}. */
public record MarkIs(int value, int mask, boolean negated) implements Match {
  @Override
  public Test install(Clock clock) {
    return s -> ((s.packet().mark & mask) == value) != negated;
  }
}
