package io.loomvisor.net.filter.match;

import io.loomvisor.net.time.Clock;

/** Transport protocol by its number: {@code -p}. */
public record Protocol(int number, boolean negated) implements Match {
  public Protocol {
    if (number < 0 || number > 255) {
      throw new IllegalArgumentException("protocol " + number);
    }
  }

  @Override
  public Test install(Clock clock) {
    return s -> (s.view().protocol() == number) != negated;
  }
}
