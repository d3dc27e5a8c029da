package io.loomvisor.net.tcp.congestion;

/** RFC 5681 with appropriate byte counting (RFC 3465, L = 2). */
public final class Reno implements CongestionControl {
  private long counted;

  @Override
  public String name() {
    return "reno";
  }

  @Override
  public void onAck(CongestionWindow w, long acked, long now, long rtt) {
    long rest = slowStart(w, acked);
    if (rest > 0) {
      counted += rest;
      if (counted >= w.cwnd()) {
        counted -= w.cwnd();
        w.cwnd(w.cwnd() + w.mss());
      }
    }
  }

  /** Grows the window up to the threshold; returns what was not used for it. */
  static long slowStart(CongestionWindow w, long acked) {
    if (!w.inSlowStart()) {
      return acked;
    }
    long room = w.ssthresh() - w.cwnd();
    long used = Math.min(acked, room);
    w.cwnd(w.cwnd() + used);
    return acked - used;
  }

  @Override
  public long onLoss(CongestionWindow w) {
    counted = 0;
    return w.cwnd() / 2;
  }

  @Override
  public void onTimeout() {
    counted = 0;
  }

  @Override
  public void onUndo(CongestionWindow w) {}

  @Override
  public void onIdle(long idle) {}
}
