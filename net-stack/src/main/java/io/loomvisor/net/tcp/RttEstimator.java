package io.loomvisor.net.tcp;

import io.loomvisor.net.time.Clock;

/** Round-trip time and retransmission timeout (RFC 6298), in nanoseconds. */
final class RttEstimator {
  /** Linux's TCP_RTO_MIN: RFC 6298 (2.4) asks for a second, which no present stack waits. */
  static final long MIN_RTO = 200 * Clock.MILLISECOND;

  /** (2.5): at least 60 seconds; Linux's TCP_RTO_MAX. */
  static final long MAX_RTO = 120 * Clock.SECOND;

  /** (2.1). */
  static final long INITIAL_RTO = Clock.SECOND;

  /** Linux's tcp_min_rtt_wlen: how long the smallest sample counts. */
  private static final long MIN_RTT_WINDOW = 300 * Clock.SECOND;

  private long srtt;
  private long rttvar;
  private long rto = INITIAL_RTO;
  private int backoff;
  private long minRtt;
  private long minRttAt;

  /** A new measurement; it also ends the backoff. */
  void sample(long rtt, long now) {
    long r = Math.max(rtt, 1);
    if (srtt == 0) {
      srtt = r;
      rttvar = r / 2;
    } else {
      rttvar += (Math.abs(srtt - r) - rttvar) / 4;
      srtt += (r - srtt) / 8;
    }
    if (minRtt == 0 || r <= minRtt || now - minRttAt > MIN_RTT_WINDOW) {
      minRtt = r;
      minRttAt = now;
    }
    backoff = 0;
    // The variance term has the floor, as in Linux's __tcp_set_rto: RTO >= SRTT + 200 ms.
    rto = Math.min(srtt + Math.max(4 * rttvar, MIN_RTO), MAX_RTO);
  }

  /** (5.7): the SYN was lost: start with three seconds. */
  void handshakeTimedOut() {
    if (srtt == 0) {
      rto = 3 * Clock.SECOND;
      backoff = 0;
    }
  }

  /** With the present backoff. */
  long rto() {
    return backoff == 0 ? rto : Math.min(rto << Math.min(backoff, 20), MAX_RTO);
  }

  /** Without it. */
  long baseRto() {
    return rto;
  }

  /** (5.5). */
  void backOff() {
    backoff++;
  }

  int backoff() {
    return backoff;
  }

  /** 0: nothing measured yet. */
  long srtt() {
    return srtt;
  }

  long rttvar() {
    return rttvar;
  }

  long minRtt() {
    return minRtt;
  }
}
