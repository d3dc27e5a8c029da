package io.loomvisor.net.filter.match;

import io.loomvisor.net.time.Clock;

/** A question that the embedding program asks. {@code test} may be called by any thread. */
public record OwnTest(String name, Test test) implements Match {
  @Override
  public Test install(Clock clock) {
    return test;
  }
}
