package io.loomvisor.net.tcp;

import io.loomvisor.net.tcp.congestion.CongestionWindow;

/** Proportional rate reduction (RFC 6937): how much may be sent during a recovery. */
final class RateReduction {
  private long delivered;
  private long sent;
  private long recoverWindow;

  void begin(CongestionWindow w) {
    delivered = 0;
    sent = 0;
    recoverWindow = Math.max(w.cwnd(), w.mss());
  }

  void sent(long bytes) {
    sent += bytes;
  }

  /**
   * @param safe the acknowledgement advanced and found no new loss
   */
  void onAck(CongestionWindow w, long newlyDelivered, long pipe, boolean safe) {
    if (newlyDelivered <= 0 && sent > 0) {
      return;
    }
    delivered += newlyDelivered;
    long count;
    if (pipe > w.ssthresh()) {
      count = (delivered * w.ssthresh() + recoverWindow - 1) / recoverWindow - sent;
    } else {
      long limit = Math.max(delivered - sent, newlyDelivered) + (safe ? w.mss() : 0);
      count = Math.min(w.ssthresh() - pipe, limit);
    }
    // The first retransmission always goes out.
    w.cwnd(pipe + Math.max(count, sent > 0 ? 0 : w.mss()));
  }
}
