package io.loomvisor.kernel.loader.vdso;

/**
 * Keeps a {@link TimeLine} close to the host's clock, whose rate changes a little as the host's own
 * time is corrected, without ever letting it run backwards: an error is worked off by running a bit
 * slower or faster until the next look. Only time that the line has fallen far behind (the host was
 * suspended) is made good by a step forward.
 *
 * <p>Pure arithmetic on samples of both; the owner takes them. Not thread-safe.
 */
final class ClockDiscipline {
  /** Behind by more than this, ns, it steps. */
  private static final long STEP = 1_000_000;

  /** The rate is measured over at least this time, ns. */
  private static final long SHORTEST_MEASUREMENT = 5_000_000;

  /**
   * A measured rate may deviate this much from the nominal one; more is a mistake of the
   * measurement.
   */
  private static final double PLAUSIBLE = 0.01;

  /** An error changes the rate by at most this much. */
  private static final double STRONGEST_CORRECTION = 0.5;

  private final double nominal;
  private TimeLine line;
  private double rate;
  private long lastTicks;
  private long lastNanos;

  /**
   * @param ticks the counter, when the clock showed {@code nanos}
   */
  ClockDiscipline(long ticks, long nanos, long ticksPerSecond) {
    nominal = 1e9 / ticksPerSecond;
    rate = nominal;
    line = TimeLine.at(ticks, nanos, nominal);
    lastTicks = ticks;
    lastNanos = nanos;
  }

  TimeLine line() {
    return line;
  }

  /** How far the line is ahead of the clock that shows {@code nanos} at {@code ticks}. */
  long error(long ticks, long nanos) {
    return line.nanos(ticks) - nanos;
  }

  /**
   * Bends the line at {@code now}, no earlier than the sample, so that it meets the clock after
   * {@code horizon} ns.
   *
   * @param ticks the counter, when the clock showed {@code nanos}: the sample
   */
  TimeLine correct(long ticks, long nanos, long now, long horizon) {
    long passed = nanos - lastNanos;
    if (passed >= SHORTEST_MEASUREMENT && ticks > lastTicks) {
      double measured = (double) passed / (ticks - lastTicks);
      if (Math.abs(measured / nominal - 1) <= PLAUSIBLE) {
        rate = measured;
      }
      lastTicks = ticks;
      lastNanos = nanos;
    }
    long error = error(ticks, nanos);
    long from = line.nanos(now);
    if (error < -STEP) {
      line = TimeLine.at(now, Math.max(from, nanos + (long) ((now - ticks) * rate)), rate);
    } else {
      double correction =
          Math.clamp((double) error / horizon, -STRONGEST_CORRECTION, STRONGEST_CORRECTION);
      line = TimeLine.at(now, from, rate * (1 - correction));
    }
    return line;
  }
}
