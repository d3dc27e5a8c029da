package io.loomvisor.net.filter.match;

import io.loomvisor.net.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** One packet in some: {@code -m statistic}, as Kubernetes spreads connections. */
public sealed interface Statistic extends Match {

  /** By chance: {@code value} of 2^31. */
  record Random(long value, boolean negated) implements Statistic {
    /** What stands for certainty. */
    public static final long ONE = 1L << 31;

    public Random {
      if (value < 0 || value > ONE) {
        throw new IllegalArgumentException("probability " + value + " of 2^31");
      }
    }

    public static Random of(double probability, boolean negated) {
      return new Random(Math.round(probability * ONE), negated);
    }

    public double probability() {
      return (double) value / ONE;
    }

    @Override
    public Test install(Clock clock) {
      return s -> (ThreadLocalRandom.current().nextLong(ONE) < value) != negated;
    }
  }

  /** The packet with number {@code packet} of each {@code every}, counted from 0. */
  record Nth(int every, int packet, boolean negated) implements Statistic {
    public Nth {
      if (every < 1 || packet < 0 || packet >= every) {
        throw new IllegalArgumentException("packet " + packet + " of every " + every);
      }
    }

    @Override
    public Test install(Clock clock) {
      AtomicLong seen = new AtomicLong();
      return s -> (seen.getAndIncrement() % every == packet) != negated;
    }
  }
}
