package io.loomvisor.net.tcp;

import io.loomvisor.net.time.Clock;
import java.util.Arrays;

/**
 * The deadlines of one mailbox, kept by one timer of the clock. A deadline that moves into the
 * future, as the retransmission timer does with every acknowledgement, costs nothing: the clock's
 * timer then fires early and is set again.
 */
final class Timers {
  /** What there is to wait for. */
  enum Kind {
    /** RFC 6298. */
    RETRANSMIT,
    /** RFC 8985 section 7: tail loss probe. */
    TAIL_PROBE,
    /** RFC 8985 section 6.2 step 5: reordering has had its time. */
    REORDERING,
    /** RFC 9293 section 3.8.6.1: zero-window probe. */
    PERSIST,
    DELAYED_ACK,
    KEEP_ALIVE,
    /** The end of FIN-WAIT-2 and TIME-WAIT. */
    STATE,
    /** TCP_CORK holds data for at most 200 ms. */
    CORK,
    /** The next paced segment may go. */
    PACING
  }

  private static final Kind[] KINDS = Kind.values();
  private static final long NEVER = Long.MAX_VALUE;

  private final Clock clock;
  private final Runnable expired;
  private final long[] deadlines = new long[KINDS.length];
  private Clock.Timer scheduled;
  private long scheduledAt = NEVER;

  /**
   * @param expired called by the clock; has to see to it that the mailbox calls {@link #fired}
   */
  Timers(Clock clock, Runnable expired) {
    this.clock = clock;
    this.expired = expired;
    Arrays.fill(deadlines, NEVER);
  }

  void set(Kind k, long deadline) {
    deadlines[k.ordinal()] = deadline;
  }

  void clear(Kind k) {
    deadlines[k.ordinal()] = NEVER;
  }

  boolean isSet(Kind k) {
    return deadlines[k.ordinal()] != NEVER;
  }

  long deadline(Kind k) {
    return deadlines[k.ordinal()];
  }

  void clearAll() {
    Arrays.fill(deadlines, NEVER);
    if (scheduled != null) {
      scheduled.cancel();
      scheduled = null;
      scheduledAt = NEVER;
    }
  }

  /** The clock's timer has fired. */
  void fired() {
    scheduled = null;
    scheduledAt = NEVER;
  }

  /** Takes one deadline that has passed, or null. */
  Kind takeDue(long now) {
    for (Kind k : KINDS) {
      if (deadlines[k.ordinal()] <= now) {
        deadlines[k.ordinal()] = NEVER;
        return k;
      }
    }
    return null;
  }

  /** Makes sure that the clock will call in time. */
  void settle() {
    long earliest = NEVER;
    for (long d : deadlines) {
      earliest = Math.min(earliest, d);
    }
    if (earliest < scheduledAt) {
      if (scheduled != null) {
        scheduled.cancel();
      }
      scheduledAt = earliest;
      scheduled = clock.schedule(earliest, expired);
    }
  }
}
