package io.loomvisor.net.tcp;

import io.loomvisor.net.tcp.congestion.CongestionWindow;

/**
 * What a reduction of the window can be taken back to if the loss turns out to be none: by
 * timestamps (Eifel, RFC 3522 and RFC 4015) or because everything sent again was reported as a
 * duplicate (RFC 3708).
 */
final class Undo {
  private boolean armed;
  private long marker;
  private long cwnd;
  private long ssthresh;

  /** Bytes sent again and not reported as duplicates; -1: nothing was sent again yet. */
  private long resent;

  private boolean stamped;
  private int firstResend;

  /** Remembers the present window, before it is reduced. */
  void arm(CongestionWindow w, long una) {
    armed = true;
    marker = una;
    cwnd = w.cwnd();
    ssthresh = w.ssthresh();
    resent = -1;
    stamped = false;
  }

  void disarm() {
    armed = false;
  }

  boolean armed() {
    return armed;
  }

  /** {@code timestamp}: what the retransmission carries. */
  void resent(long bytes, int timestamp) {
    resent = Math.max(resent, 0) + bytes;
    if (!stamped) {
      stamped = true;
      firstResend = timestamp;
    }
  }

  void duplicate(long start, long bytes) {
    if (armed && resent > 0 && start >= marker) {
      resent = Math.max(0, resent - bytes);
    }
  }

  /** True if an echoed timestamp is older than the first retransmission. */
  boolean olderThanResend(int echo) {
    return armed && stamped && echo != 0 && echo - firstResend < 0;
  }

  boolean allDuplicates() {
    return armed && resent == 0;
  }

  void apply(CongestionWindow w) {
    w.cwnd(Math.max(w.cwnd(), cwnd));
    w.ssthresh(Math.max(w.ssthresh(), ssthresh));
    armed = false;
  }
}
