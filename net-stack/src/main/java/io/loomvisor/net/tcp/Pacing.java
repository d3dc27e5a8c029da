package io.loomvisor.net.tcp;

import io.loomvisor.net.time.Clock;

/**
 * Spreads what one connection sends over time, if that was asked for: by SO_MAX_PACING_RATE, or for
 * all connections by {@link TcpSettings#pacing}. The rate is what the window lets through in a
 * round trip, with room to grow (Linux's tcp_update_pacing_rate), and never above the limit.
 */
final class Pacing {
  /** Linux's tcp_pacing_ss_ratio and tcp_pacing_ca_ratio, in percent. */
  private static final int SLOW_START = 200;

  private static final int AVOIDANCE = 120;

  /** As in Linux, the first window goes out as it is. */
  private static final int UNPACED_SEGMENTS = 10;

  private final Connection c;
  private long nextAt;
  private long segments;

  Pacing(Connection c) {
    this.c = c;
  }

  boolean isOn() {
    return c.options.maxPacingRate >= 0 || c.layer.settings().pacing;
  }

  /** Bytes per second; {@link Long#MAX_VALUE}: no limit is known. */
  long rate() {
    long limit = c.options.maxPacingRate < 0 ? Long.MAX_VALUE : c.options.maxPacingRate;
    long srtt = c.rtt.srtt();
    if (srtt <= 0) {
      return limit;
    }
    long window = c.recovery.window.cwnd();
    boolean starting = window < c.recovery.window.ssthresh() / 2;
    double own = (double) window * (starting ? SLOW_START : AVOIDANCE) / 100 * Clock.SECOND / srtt;
    return Math.max(1, Math.min(limit, (long) own));
  }

  /** When the next segment may go; 0: now. */
  long waitsUntil(long now) {
    return isOn() && nextAt > now ? nextAt : 0;
  }

  /** {@code bytes} went out, headers included. */
  void sent(long bytes, int mss, long now) {
    segments += Math.max(1, bytes / mss);
    if (!isOn() || segments <= UNPACED_SEGMENTS) {
      return;
    }
    long rate = rate();
    if (rate < Long.MAX_VALUE) {
      nextAt = Math.max(nextAt, now) + (long) ((double) bytes * Clock.SECOND / rate);
    }
  }

  /** Payload that may go at once: what takes a millisecond, but two segments (tcp_tso_autosize). */
  long burst(int mss) {
    return isOn() ? Math.max(2L * mss, rate() / 1000) : Long.MAX_VALUE;
  }
}
