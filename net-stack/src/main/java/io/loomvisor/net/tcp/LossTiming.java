package io.loomvisor.net.tcp;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.tcp.Timers.Kind;
import io.loomvisor.net.time.Clock;

/**
 * When to assume that something was lost: retransmission timeout (RFC 6298), tail loss probe (RFC
 * 8985 section 7), zero-window probe (RFC 9293 section 3.8.6.1), and when to give up (section
 * 3.8.3).
 */
final class LossTiming {
  /** RFC 8985 section 7.2: the peer may delay its acknowledgement of a single segment. */
  private static final long MAX_DELAYED_ACK = 200 * Clock.MILLISECOND;

  /** Linux's TCP_TIMEOUT_MIN is two jiffies, 8 ms at 250 Hz: threads may not run at once. */
  private static final long MIN_PROBE = 8 * Clock.MILLISECOND;

  private final Connection c;
  private int retransmits;

  /** When what is at the head of the queue was first sent again; 0: it was not. */
  private long troubleSince;

  private int probes;
  private long probingSince;
  private int persistBackoff;

  /** RFC 8985 section 7.4: a probe is out until this is acknowledged; 0: none is. */
  private long tailEnd;

  private boolean tailResent;

  LossTiming(Connection c) {
    this.c = c;
  }

  int retransmits() {
    return retransmits;
  }

  int probes() {
    return probes;
  }

  void afterSending(long now) {
    c.timers.clear(Kind.PERSIST);
    if (!c.timers.isSet(Kind.RETRANSMIT)) {
      armRetransmit(now);
    }
    armTailProbe(now);
  }

  void armRetransmit(long now) {
    c.timers.set(Kind.RETRANSMIT, now + c.rtt.rto());
  }

  /** RFC 6298 section 5, (5.2) and (5.3). */
  void afterAck(long now, boolean advanced, boolean duplicate) {
    Recovery r = c.recovery;
    if (advanced) {
      retransmits = 0;
      troubleSince = 0;
      probes = 0;
      if (r.board.isEmpty()) {
        c.timers.clear(Kind.RETRANSMIT);
        c.timers.clear(Kind.TAIL_PROBE);
      } else {
        armRetransmit(now);
        armTailProbe(now);
      }
    }
    tailAcknowledged(duplicate);
  }

  /** RFC 8985 section 7.2. */
  private void armTailProbe(long now) {
    Recovery r = c.recovery;
    boolean calm = r.phase() == Recovery.Phase.OPEN;
    long srtt = c.rtt.srtt();
    boolean wanted = c.sackOk && calm && tailEnd == 0 && r.board.sackedBytes() == 0 && srtt > 0;
    if (!wanted || r.board.isEmpty()) {
      c.timers.clear(Kind.TAIL_PROBE);
      return;
    }
    long pto = 2 * srtt + (r.board.pipeSegments() == 1 ? MAX_DELAYED_ACK : MIN_PROBE);
    long at = Math.min(now + pto, c.timers.deadline(Kind.RETRANSMIT));
    c.timers.set(Kind.TAIL_PROBE, at);
  }

  /** RFC 8985 section 7.3. */
  void tailProbe(long now) {
    if (c.recovery.board.isEmpty() || tailEnd != 0) {
      return;
    }
    tailResent = !c.sender.sendNew(now, true);
    if (tailResent && !c.sender.resendTail(now)) {
      return;
    }
    tailEnd = c.sender.nxt;
    c.layer.mib().count(Counter.TcpExt_TCPLossProbes);
    armRetransmit(now);
  }

  /** Section 7.4.2: what an acknowledgement says about the probe. */
  private void tailAcknowledged(boolean duplicate) {
    if (tailEnd == 0 || c.sender.una < tailEnd) {
      return;
    }
    AckSample s = c.recovery.sample;
    if (!tailResent || s.duplicateReported) {
      tailEnd = 0;
    } else if (c.sender.una > tailEnd) {
      // Without a report of a duplicate the probe has replaced something that was lost.
      tailEnd = 0;
      c.recovery.reduce();
    } else if (duplicate) {
      // Both the original and the probe arrived; the peer does not report duplicates.
      tailEnd = 0;
    }
  }

  /** RFC 6298 section 5, (5.4) to (5.6). */
  void retransmitTimeout(long now) {
    if (c.state == State.SYN_SENT || c.state == State.SYN_RECEIVED) {
      synTimeout(now);
      return;
    }
    if (c.recovery.board.isEmpty()) {
      return;
    }
    if (troubleSince == 0) {
      troubleSince = c.recovery.board.head().at;
    }
    if (givesUp(now)) {
      c.timedOut();
      return;
    }
    c.layer.mib().count(Counter.TcpExt_TCPTimeouts);
    retransmits++;
    tailEnd = 0;
    c.timers.clear(Kind.TAIL_PROBE);
    if (c.path.refresh(now)) {
      c.sender.updateMss();
    }
    c.recovery.onTimeout(now);
    c.sender.resend(now, true);
    c.rtt.backOff();
    armRetransmit(now);
  }

  private boolean givesUp(long now) {
    long user = c.options.userTimeoutMillis * Clock.MILLISECOND;
    long since = now - troubleSince;
    if (user > 0) {
      return since >= user;
    }
    int limit = c.orphaned ? c.layer.settings().orphanRetries : c.layer.settings().retries;
    return retransmits > 0 && since >= doublings(limit);
  }

  /** How long {@code n} retransmissions from the smallest timeout on take. */
  private static long doublings(int n) {
    long sum = 0;
    long step = RttEstimator.MIN_RTO;
    for (int i = 0; i <= n; i++) {
      sum += step;
      step = Math.min(2 * step, RttEstimator.MAX_RTO);
    }
    return sum;
  }

  private void synTimeout(long now) {
    int limit = c.options.synCount > 0 ? c.options.synCount : c.layer.settings().synRetries;
    long user = c.options.userTimeoutMillis * Clock.MILLISECOND;
    if (retransmits >= limit || user > 0 && now - c.openedAt >= user) {
      c.timedOut();
      return;
    }
    retransmits++;
    c.layer.mib().count(Counter.TcpExt_TCPTimeouts);
    c.layer.mib().count(Counter.Tcp_RetransSegs);
    c.rtt.backOff();
    c.out.syn(c.state == State.SYN_RECEIVED);
    armRetransmit(now);
  }

  /** The handshake is done: its retransmissions count for nothing more, but RFC 6298 (5.7). */
  void handshakeDone() {
    if (retransmits > 0) {
      c.rtt.handshakeTimedOut();
    }
    retransmits = 0;
    c.timers.clear(Kind.RETRANSMIT);
  }

  // Zero window

  void maybePersist(long now) {
    boolean waiting = c.sender.unsent() > 0 || c.sender.finQueued && !c.sender.finSent();
    boolean held = c.timers.isSet(Kind.CORK) || c.timers.isSet(Kind.PACING);
    boolean blocked = c.recovery.board.isEmpty() && waiting && !held;
    if (!blocked) {
      c.timers.clear(Kind.PERSIST);
      probingSince = 0;
    } else if (!c.timers.isSet(Kind.PERSIST)) {
      probes = probingSince == 0 ? 0 : probes;
      probingSince = probingSince == 0 ? now : probingSince;
      c.timers.set(Kind.PERSIST, now + probeInterval());
    }
  }

  private long probeInterval() {
    long base = Math.max(c.rtt.baseRto(), RttEstimator.MIN_RTO);
    return Math.min(base << Math.min(persistBackoff, 20), RttEstimator.MAX_RTO);
  }

  /** The peer's window opened, or it answered. */
  void windowOpened() {
    persistBackoff = 0;
    probes = 0;
    probingSince = 0;
    c.timers.clear(Kind.PERSIST);
  }

  /** A probe was answered: the peer lives, however long it keeps its window shut. */
  void probeAnswered() {
    probes = 0;
  }

  void persistTimeout(long now) {
    long user = c.options.userTimeoutMillis * Clock.MILLISECOND;
    int limit = c.orphaned ? c.layer.settings().orphanRetries : c.layer.settings().retries;
    if (user > 0 && now - probingSince >= user || probes >= limit) {
      c.timedOut();
      return;
    }
    probes++;
    if (c.sender.sendPartial(now)) {
      afterSending(now);
      return;
    }
    persistBackoff++;
    c.layer.mib().count(Counter.TcpExt_TCPWinProbe);
    c.out.probe();
    c.timers.set(Kind.PERSIST, now + probeInterval());
  }

  /** The error that giving up reports: what ICMP said, else ETIMEDOUT. */
  static int timeoutError(int softError) {
    return softError != 0 ? softError : Errno.ETIMEDOUT;
  }
}
