package io.loomvisor.net.time;

import java.time.Instant;

/** What the time of day is, for time stamps. */
public final class WallClock {
  private WallClock() {}

  /** Nanoseconds since 1970. */
  public static long nanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * Clock.SECOND + now.getNano();
  }
}
