package io.loomvisor.net.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The shape of the window over time (RFC 9438 section 4). */
final class CubicTest {
  private static final int MSS = 1000;
  private static final long SECOND = 1_000_000_000L;
  private final Cubic cubic = new Cubic();
  private final CongestionWindow w = new CongestionWindow(MSS);
  private long now = SECOND;

  /** Whole windows are acknowledged for {@code seconds}, one per round trip. */
  private void run(double seconds, long rtt) {
    for (long end = now + (long) (seconds * SECOND); now < end; now += rtt) {
      long window = w.cwnd();
      for (long done = 0; done < window; done += MSS) {
        cubic.onAck(w, MSS, now, rtt);
      }
    }
  }

  private void lose() {
    w.ssthresh(cubic.onLoss(w));
    w.cwnd(w.ssthresh());
  }

  @Test
  void theWindowReturnsToItsMaximumAfterKSection42() {
    w.cwnd(100 * MSS);
    lose();
    assertEquals(70 * MSS, w.cwnd());
    // K = cbrt((100 - 70) / 0.4) = 4.2 s
    run(2.1, SECOND / 10);
    double half = (double) w.cwnd() / MSS;
    assertTrue(half > 94 && half < 98, "at K/2: " + half);
    run(2.1, SECOND / 10);
    double atK = (double) w.cwnd() / MSS;
    assertTrue(atK > 98 && atK < 102, "at K: " + atK);
    run(4.2, SECOND / 10);
    double later = (double) w.cwnd() / MSS;
    assertTrue(later > 122 && later < 140, "at 2K: " + later);
  }

  @Test
  void withShortRoundTripsItIsAsFastAsRenoSection43() {
    w.cwnd(20 * MSS);
    lose();
    double start = (double) w.cwnd() / MSS;
    run(1, SECOND / 100);
    double grown = (double) w.cwnd() / MSS - start;
    // Reno with a decrease of 0.7 grows by 0.53 of a segment per round trip.
    assertTrue(grown > 45 && grown < 110, "grown " + grown);
  }

  @Test
  void fastConvergenceSection47() {
    w.cwnd(100 * MSS);
    lose();
    w.cwnd(80 * MSS);
    lose();
    assertEquals(56 * MSS, w.cwnd());
    // The new maximum is 80 * 0.85 = 68, so K = cbrt(12 / 0.4) = 3.1 s.
    run(3.1, 3 * SECOND / 10);
    double atK = (double) w.cwnd() / MSS;
    assertTrue(atK > 66 && atK < 70, "at K: " + atK);
  }

  @Test
  void slowStartDoublesPerRoundTrip() {
    w.cwnd(10 * MSS);
    run(0.1, SECOND / 10);
    assertEquals(20 * MSS, w.cwnd());
  }

  @Test
  void renoGrowsByOneSegmentPerRoundTripRfc5681Section31() {
    Reno reno = new Reno();
    w.cwnd(20 * MSS);
    w.ssthresh(20 * MSS);
    for (int i = 0; i < 20; i++) {
      reno.onAck(w, MSS, now, 0);
    }
    assertEquals(21 * MSS, w.cwnd());
    assertEquals(21 * MSS / 2, reno.onLoss(w));
  }
}
