package io.loomvisor.net.filter.match;

import io.loomvisor.net.time.Clock;
import java.util.concurrent.atomic.AtomicLong;

/**
 * No more often than {@code count} per {@code nanos}, after {@code burst} at once: {@code -m
 * limit}.
 */
public record Limit(int count, long nanos, int burst) implements Match {
  public Limit {
    if (count < 1 || nanos < count || burst < 1 || burst > 10_000) {
      throw new IllegalArgumentException("limit " + count + " in " + nanos + " ns, " + burst);
    }
  }

  @Override
  public Test install(Clock clock) {
    long interval = nanos / count;
    long depth = interval * burst;
    // The virtual time at which the bucket would be full again.
    AtomicLong fullAt = new AtomicLong(clock.nanoTime());
    return s -> {
      long now = clock.nanoTime();
      long full;
      long after;
      do {
        full = fullAt.get();
        after = Math.max(full, now) + interval;
        if (after - now > depth) {
          return false;
        }
      } while (!fullAt.compareAndSet(full, after));
      return true;
    };
  }
}
