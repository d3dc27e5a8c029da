package io.loomvisor.net.ip;

import io.loomvisor.net.time.Clock;
import java.util.concurrent.atomic.AtomicLong;

/** A token bucket that any thread may draw from. */
public final class RateLimit {
  private final Clock clock;
  private final long interval;
  private final long depth;

  /** The virtual time at which the bucket would be full again. */
  private final AtomicLong fullAt;

  public RateLimit(Clock clock, int perSecond, int burst) {
    this.clock = clock;
    this.interval = Clock.SECOND / perSecond;
    this.depth = interval * burst;
    this.fullAt = new AtomicLong(clock.nanoTime());
  }

  public boolean tryTake() {
    long now = clock.nanoTime();
    for (; ; ) {
      long full = fullAt.get();
      long base = Math.max(full, now);
      if (base + interval - now > depth) {
        return false;
      }
      if (fullAt.compareAndSet(full, base + interval)) {
        return true;
      }
    }
  }
}
