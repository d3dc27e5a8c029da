package io.loomvisor.net.tcp;

import io.loomvisor.net.time.Clock;

/** TS.Recent of RFC 7323 section 4.3, and the test against old duplicates of section 5 (PAWS). */
final class RecentTimestamp {
  /** Section 5.5: after 24 days the value says nothing any more. */
  private static final long VALID = 24 * 86_400 * Clock.SECOND;

  private boolean known;
  private int value;
  private long at;

  int value() {
    return known ? value : 0;
  }

  boolean known() {
    return known;
  }

  void set(int v, long now) {
    known = true;
    value = v;
    at = now;
  }

  /** A segment with timestamp {@code v} covers what was acknowledged last. */
  void update(int v, long now) {
    if (!known || v - value >= 0 || now - at > VALID) {
      set(v, now);
    }
  }

  /** True if a segment with timestamp {@code v} is an old duplicate. */
  boolean rejects(int v, long now) {
    return known && v - value < 0 && now - at <= VALID;
  }

  /** When it was last set. */
  long at() {
    return at;
  }
}
