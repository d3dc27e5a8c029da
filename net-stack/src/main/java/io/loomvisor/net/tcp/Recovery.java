package io.loomvisor.net.tcp;

import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.tcp.congestion.CongestionControl;
import io.loomvisor.net.tcp.congestion.CongestionWindow;

/**
 * Loss recovery and what it does to the congestion window: RACK with SACK (RFC 8985, RFC 6675's
 * threshold and pipe), NewReno without (RFC 6582), proportional rate reduction (RFC 6937) and
 * undoing (RFC 4015). The phases are those of Linux's tcp_ca_state.
 */
final class Recovery {
  /** With Linux's numbers (TCP_CA_*). */
  enum Phase {
    OPEN(0),
    DISORDER(1),
    /** A router has reported congestion, nothing is lost (RFC 3168 section 6.1.2). */
    CWR(2),
    RECOVERY(3),
    LOSS(4);

    private final int number;

    Phase(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  private final Connection c;
  final Scoreboard board = new Scoreboard();
  final Rack rack;
  final AckSample sample;
  final Undo undo = new Undo();
  final CongestionWindow window;
  private final RateReduction reduction = new RateReduction();
  CongestionControl control;
  private Phase phase = Phase.OPEN;

  /** The phase ends when this is acknowledged. */
  private long highSeq;

  /** Without SACK: segments that must have left the network, as duplicate ACKs tell. */
  private int duplicateAcks;

  private long renoSacked;

  Recovery(Connection c, RttEstimator rtt, int mss, CongestionControl control) {
    this.c = c;
    this.control = control;
    rack = new Rack(board, rtt);
    sample = new AckSample(rack);
    window = new CongestionWindow(mss);
  }

  Phase phase() {
    return phase;
  }

  int duplicateAcks() {
    return duplicateAcks;
  }

  /** Bytes in the network as far as is known. */
  long pipe() {
    return Math.max(0, board.pipe() - renoSacked);
  }

  /** True if one more segment of {@code bytes} may be sent. */
  boolean allows(long bytes) {
    int segments = board.pipeSegments() - (int) (renoSacked / window.mss());
    return pipe() + bytes <= window.cwnd()
        && (long) Math.max(0, segments) * window.mss() < window.cwnd();
  }

  /** Bytes that may be sent now. */
  long allowance() {
    return window.cwnd() - pipe();
  }

  void sent(long bytes) {
    if (phase == Phase.RECOVERY || phase == Phase.CWR) {
      reduction.sent(bytes);
    }
  }

  void resent(Sent s, int timestamp) {
    undo.resent(s.length(), timestamp);
    sent(s.length());
    c.layer.mib().count(Counter.Tcp_RetransSegs);
    if (phase == Phase.RECOVERY) {
      c.layer.mib().count(Counter.TcpExt_TCPFastRetrans);
    } else if (phase == Phase.LOSS) {
      c.layer.mib().count(Counter.TcpExt_TCPSlowStartRetrans);
    }
  }

  /**
   * The scoreboard has been updated from an acknowledgement that {@link #sample} describes.
   *
   * @param duplicate a duplicate acknowledgement in the sense of RFC 5681 section 2
   */
  void onAck(boolean duplicate) {
    AckSample s = sample;
    if (!c.sackOk) {
      renoAck(s, duplicate);
    }
    if (s.duplicateReported) {
      rack.duplicateReported(c.sender.una, c.sender.nxt);
    }
    tryUndo(s);
    tryLeave();
    long lostBefore = board.lostBytes();
    if (c.sackOk) {
      detect(s.now);
    } else {
      renoDetect(s);
    }
    boolean moreLost = board.lostBytes() > lostBefore;
    if (board.lostBytes() > 0 && phase != Phase.RECOVERY && phase != Phase.LOSS) {
      enterRecovery();
    }
    if (phase == Phase.OPEN || phase == Phase.DISORDER) {
      phase = board.sackedBytes() > 0 || renoSacked > 0 ? Phase.DISORDER : Phase.OPEN;
    }
    if (phase == Phase.RECOVERY || phase == Phase.CWR) {
      reduction.onAck(window, s.delivered, pipe(), s.advanced && !moreLost);
    } else if (s.acked > 0 && wasLimited(s)) {
      control.onAck(window, s.acked, s.now, c.rtt.srtt());
    }
  }

  /** RFC 7661 in spirit, Linux's tcp_is_cwnd_limited: an unused window does not grow. */
  private boolean wasLimited(AckSample s) {
    return c.sender.cwndLimited()
        || window.inSlowStart() && window.cwnd() < 2 * Math.max(s.priorPipe, s.acked);
  }

  /** RFC 8985 section 6.2 step 5, and its timer. */
  private void detect(long now) {
    long wait = rack.detect(now, phase == Phase.RECOVERY || phase == Phase.LOSS);
    if (wait > 0) {
      c.timers.set(Timers.Kind.REORDERING, now + wait);
    } else {
      c.timers.clear(Timers.Kind.REORDERING);
    }
  }

  void reorderingExpired(long now) {
    detect(now);
    if (board.lostBytes() > 0 && phase != Phase.RECOVERY && phase != Phase.LOSS) {
      enterRecovery();
      reduction.onAck(window, 0, pipe(), false);
    }
  }

  private void renoAck(AckSample s, boolean duplicate) {
    if (s.advanced) {
      duplicateAcks = 0;
      // What was acknowledged beyond the hole is what the duplicates stood for.
      renoSacked = Math.max(0, renoSacked - Math.max(0, s.acked - window.mss()));
      if (board.isEmpty() || phase == Phase.OPEN) {
        renoSacked = 0;
      }
    } else if (duplicate) {
      duplicateAcks++;
      long room = Math.max(0, board.pipe() - window.mss());
      long more = Math.min(window.mss(), room - renoSacked);
      if (more > 0) {
        renoSacked += more;
        s.delivered += more;
      }
    }
  }

  /**
   * RFC 5681 section 3.2 step 2; RFC 6582 section 3.2 step 2: not for what was sent before the last
   * recovery; step 3: a partial acknowledgement.
   */
  private void renoDetect(AckSample s) {
    boolean enough = duplicateAcks >= Rack.DUP_THRESHOLD && phase != Phase.LOSS;
    boolean enter = enough && phase != Phase.RECOVERY && isNewEpisode();
    boolean partial = phase == Phase.RECOVERY && s.advanced;
    if (enter || partial) {
      Sent head = board.head();
      if (head != null && !head.lost) {
        if (head.length() > window.mss()) {
          board.split(head, head.start + window.mss(), window.mss());
        }
        board.markLost(head);
      }
    }
  }

  private boolean isNewEpisode() {
    return phase == Phase.CWR || highSeq == 0 || c.sender.una > highSeq;
  }

  private void tryUndo(AckSample s) {
    if (!undo.armed() || phase == Phase.OPEN || phase == Phase.DISORDER) {
      return;
    }
    boolean spurious = s.advanced && s.echoOlderThanResend || undo.allDuplicates();
    if (spurious) {
      board.unmarkLost();
      undo.apply(window);
      control.onUndo(window);
      phase = Phase.OPEN;
      duplicateAcks = 0;
      renoSacked = 0;
      c.layer.mib().count(Counter.TcpExt_TCPLossUndo);
    }
  }

  private void tryLeave() {
    long una = c.sender.una;
    switch (phase) {
      case RECOVERY -> {
        if (una >= highSeq) {
          window.cwnd(Math.min(window.ssthresh(), Math.max(pipe(), window.mss()) + burst()));
          leave();
        }
      }
      case CWR -> {
        // Beyond it: the segment that tells the peer has arrived, and echoes mean new congestion.
        if (una > highSeq) {
          window.cwnd(window.ssthresh());
          leave();
        }
      }
      case LOSS -> {
        if (una >= highSeq) {
          leave();
        }
      }
      default -> {}
    }
  }

  /**
   * RFC 6582 section 3.2 step 3, option 1 limits the burst; with SACK the window is the threshold.
   */
  private long burst() {
    return c.sackOk ? window.ssthresh() : window.mss();
  }

  private void leave() {
    phase = Phase.OPEN;
    undo.disarm();
    duplicateAcks = 0;
    renoSacked = 0;
    rack.recoveryEnded();
  }

  private void enterRecovery() {
    if (phase == Phase.CWR) {
      // RFC 3168 section 6.1.2: the window is reduced once for one window of data.
      undo.disarm();
    } else {
      undo.arm(window, c.sender.una);
      reduceTo(control.onLoss(window));
    }
    highSeq = c.sender.nxt;
    phase = Phase.RECOVERY;
    c.layer.mib().count(c.sackOk ? Counter.TcpExt_TCPSackRecovery : Counter.TcpExt_TCPRenoRecovery);
  }

  private void reduceTo(long threshold) {
    reduction.begin(window);
    window.ssthresh(threshold);
    c.ecn.reduced();
  }

  /**
   * The peer echoes what a router said: treated as a loss that needs no repair, once for one window
   * of data (RFC 3168 section 6.1.2).
   */
  void congestionReported() {
    if (phase == Phase.OPEN || phase == Phase.DISORDER) {
      undo.disarm();
      reduceTo(control.onLoss(window));
      highSeq = c.sender.nxt;
      phase = Phase.CWR;
    }
  }

  /**
   * The window must shrink although nothing has to be sent again: a tail loss probe repaired it.
   */
  void reduce() {
    if (phase == Phase.OPEN || phase == Phase.DISORDER) {
      undo.disarm();
      window.ssthresh(control.onLoss(window));
      c.ecn.reduced();
      window.cwnd(Math.min(window.cwnd(), window.ssthresh()));
    }
  }

  /** The retransmission timer expired (RFC 5681 section 3.1, RFC 8985 section 6.3). */
  void onTimeout(long now) {
    boolean reduced = phase == Phase.LOSS || phase == Phase.CWR;
    boolean first = !reduced || c.sender.una > highSeq;
    if (first) {
      if (phase != Phase.RECOVERY) {
        undo.arm(window, c.sender.una);
      }
      window.ssthresh(control.onLoss(window));
      c.ecn.reduced();
    }
    Sent head = board.head();
    if (head != null && head.sacked) {
      board.unmarkSacked();
    }
    if (c.sackOk) {
      rack.markOnTimeout(now, phase == Phase.RECOVERY || phase == Phase.LOSS);
    } else {
      for (Sent s = head; s != null; s = s.next) {
        board.markLost(s);
      }
    }
    duplicateAcks = 0;
    renoSacked = 0;
    control.onTimeout();
    highSeq = c.sender.nxt;
    phase = Phase.LOSS;
    window.cwnd(pipe() + window.mss());
    c.timers.clear(Timers.Kind.REORDERING);
  }

  /**
   * The path has become narrower: what does not fit any more is sent again in smaller pieces, and
   * the window stays (Linux's tcp_simple_retransmit).
   */
  void pathNarrowed(int mss, long now) {
    boolean any = false;
    for (Sent s = board.head(); s != null; s = s.next) {
      if (!s.sacked && (s.segments > 1 || s.length() > mss)) {
        board.markLost(s);
        any = true;
      }
    }
    if (any && phase != Phase.LOSS) {
      undo.disarm();
      highSeq = c.sender.nxt;
      window.ssthresh(
          Math.max(
              window.ssthresh() == CongestionWindow.UNLIMITED ? window.cwnd() : window.ssthresh(),
              2L * mss));
      phase = Phase.LOSS;
      window.cwnd(pipe() + Math.min(window.cwnd(), 10L * mss));
    }
  }

  /** Nothing was sent for a while (RFC 5681 section 4.1, in steps as RFC 2861). */
  void onIdle(long idle, long rto) {
    control.onIdle(idle);
    long restart = Math.min(CongestionWindow.initial(window.mss()), window.cwnd());
    long w = window.cwnd();
    long rest = idle;
    window.ssthresh(Math.max(window.ssthresh(), w * 3 / 4));
    while (rest > rto && w > restart) {
      w /= 2;
      rest -= rto;
    }
    window.cwnd(Math.max(w, restart));
  }
}
