package io.loomvisor.net.tcp.congestion;

/**
 * CUBIC (RFC 9438). Windows are counted in segments here, as the RFC's formulas do; times in
 * seconds.
 */
public final class Cubic implements CongestionControl {
  /** RFC 9438 section 5: C. */
  private static final double C = 0.4;

  /** Section 4.6: multiplicative decrease. */
  private static final double BETA = 0.7;

  /** Section 4.3: what makes the Reno-friendly estimate as aggressive as Reno. */
  private static final double ALPHA = 3.0 * (1.0 - BETA) / (1.0 + BETA);

  private static final double NANOS = 1e9;

  private double wMax;
  private double priorWMax;
  private double k;
  private double origin;

  /** Section 4.3: the window Reno would have. */
  private double wEst;

  /** When this congestion avoidance stage began; 0: it has not. */
  private long epoch;

  /** Growth not yet a whole byte. */
  private double fraction;

  @Override
  public String name() {
    return "cubic";
  }

  @Override
  public void onAck(CongestionWindow w, long acked, long now, long rtt) {
    long rest = Reno.slowStart(w, acked);
    if (rest <= 0) {
      return;
    }
    double cwnd = (double) w.cwnd() / w.mss();
    if (epoch == 0) {
      begin(now, cwnd);
    }
    double t = (now - epoch) / NANOS;
    double ackedSegments = (double) rest / w.mss();
    // Section 4.3: alpha is 1 once the estimate has reached the window before the last loss.
    wEst += (wEst >= priorWMax ? 1.0 : ALPHA) * ackedSegments / cwnd;
    double now3 = cube(t, k);
    if (origin + now3 < wEst) {
      set(w, Math.max(cwnd, wEst));
      return;
    }
    // Section 4.4 and 4.5: approach what the cubic will be in a round trip, at most half as much
    // again.
    double target = Math.clamp(origin + cube(t + rtt / NANOS, k), cwnd, 1.5 * cwnd);
    set(w, cwnd + (target - cwnd) / cwnd * ackedSegments);
  }

  private void begin(long now, double cwnd) {
    epoch = now;
    wEst = cwnd;
    if (cwnd < wMax) {
      k = Math.cbrt((wMax - cwnd) / C);
      origin = wMax;
    } else {
      k = 0;
      origin = cwnd;
    }
  }

  private static double cube(double t, double k) {
    double d = t - k;
    return C * d * d * d;
  }

  private void set(CongestionWindow w, double segments) {
    double bytes = segments * w.mss() + fraction;
    long whole = (long) bytes;
    fraction = bytes - whole;
    w.cwnd(whole);
  }

  @Override
  public long onLoss(CongestionWindow w) {
    double cwnd = (double) w.cwnd() / w.mss();
    epoch = 0;
    fraction = 0;
    priorWMax = cwnd;
    // Section 4.7: fast convergence gives way to newcomers.
    wMax = cwnd < wMax ? cwnd * (1.0 + BETA) / 2.0 : cwnd;
    return (long) (w.cwnd() * BETA);
  }

  @Override
  public void onTimeout() {
    epoch = 0;
    fraction = 0;
  }

  @Override
  public void onUndo(CongestionWindow w) {
    epoch = 0;
    wMax = Math.max(wMax, (double) w.cwnd() / w.mss());
  }

  /** Section 5.8: time without sending does not count. */
  @Override
  public void onIdle(long idle) {
    if (epoch != 0) {
      epoch += idle;
    }
  }
}
