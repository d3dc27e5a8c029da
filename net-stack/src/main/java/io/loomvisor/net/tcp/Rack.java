package io.loomvisor.net.tcp;

/**
 * Time-based loss detection (RFC 8985 section 6): what was sent sufficiently long before something
 * that has arrived is lost.
 */
final class Rack {
  /** Section 6.2 step 4; the classic threshold of RFC 5681 and RFC 6675. */
  static final int DUP_THRESHOLD = 3;

  /** Step 4: recoveries for which a widened reordering window stays. */
  private static final int PERSIST = 16;

  private final Scoreboard board;
  private final RttEstimator rtt;

  /** Transmission time and end of the most recently sent range that has arrived. */
  private long xmitAt;

  private long endSeq;
  private long lastRtt;
  private boolean reordering;

  /** Highest end that has arrived. */
  private long forward;

  private int multiplier = 1;
  private int persist = PERSIST;

  /** DSACKs count once per round trip: until this is acknowledged. */
  private long dsackRound;

  Rack(Scoreboard board, RttEstimator rtt) {
    this.board = board;
    this.rtt = rtt;
  }

  /**
   * {@code s} has arrived (steps 1 to 3).
   *
   * @param original false if the peer's timestamp shows that a retransmission arrived, true if it
   *     shows that the one before did
   */
  void delivered(Sent s, long now, boolean original) {
    long r = now - s.at;
    if (!s.ambiguous && s.end < forward) {
      reordering = true;
    }
    forward = Math.max(forward, s.end);
    if (s.ambiguous && (original || r < rtt.minRtt())) {
      return;
    }
    lastRtt = r;
    if (sentAfter(s.at, s.end, xmitAt, endSeq)) {
      xmitAt = s.at;
      endSeq = s.end;
    }
  }

  private static boolean sentAfter(long at1, long end1, long at2, long end2) {
    return at1 > at2 || at1 == at2 && end1 > end2;
  }

  /** The peer reported a duplicate (step 4). */
  void duplicateReported(long una, long nxt) {
    if (una >= dsackRound) {
      dsackRound = nxt;
      multiplier++;
      persist = PERSIST;
    }
  }

  void recoveryEnded() {
    if (--persist <= 0) {
      multiplier = 1;
      persist = PERSIST;
    }
  }

  private long reorderingWindow(boolean recovering) {
    if (!reordering && (recovering || board.sackedSegments() >= DUP_THRESHOLD)) {
      return 0;
    }
    return Math.min(multiplier * rtt.minRtt() / 4, rtt.srtt());
  }

  /**
   * Marks what is lost (step 5). Returns how long to wait until more may be found lost, 0 if there
   * is nothing to wait for.
   */
  long detect(long now, boolean recovering) {
    if (xmitAt == 0) {
      return 0;
    }
    long window = reorderingWindow(recovering);
    long wait = 0;
    for (Sent s = board.head(); s != null; s = s.next) {
      boolean considered = !s.sacked && !(s.lost && !s.again);
      if (!considered) {
        continue;
      }
      if (!sentAfter(xmitAt, endSeq, s.at, s.end)) {
        if (!s.ambiguous) {
          // Everything behind was sent, or sent again, even later.
          break;
        }
        continue;
      }
      long rest = s.at + lastRtt + window - now;
      if (rest <= 0) {
        board.markLost(s);
      } else {
        wait = Math.max(wait, rest);
      }
    }
    return wait;
  }

  /** Section 6.3: at a timeout, what has had its time is lost, and the first range always. */
  void markOnTimeout(long now, boolean recovering) {
    long window = reorderingWindow(recovering);
    Sent head = board.head();
    for (Sent s = head; s != null; s = s.next) {
      if (!s.sacked && (s == head || s.at + lastRtt + window <= now)) {
        board.markLost(s);
      }
    }
  }

  /** Reordering window as a part of the round trip, for TCP_INFO. */
  boolean reorderingSeen() {
    return reordering;
  }
}
