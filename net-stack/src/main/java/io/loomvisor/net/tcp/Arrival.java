package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Tcp;

/**
 * What an arriving segment does to a connection, in the order of RFC 9293 section 3.10.7, with the
 * stricter checks of RFC 5961 and RFC 7323.
 */
final class Arrival {
  /** Linux's tcp_invalid_ratelimit: answers to segments that are out of place. */
  private static final long ANSWER_INTERVAL = 500 * Clock.MILLISECOND;

  private final Connection c;
  private final AckArrival acks;
  private long lastAnswer = Long.MIN_VALUE / 2;

  Arrival(Connection c) {
    this.c = c;
    this.acks = new AckArrival(c);
  }

  /** Does not release the packet; true if it was handed on. */
  boolean process(PacketBuffer p, Segment s) {
    s.place(c.state == State.SYN_SENT ? 0 : c.receiver.nxt, c.sender.una);
    switch (c.state) {
      case SYN_SENT -> synSent(p, s);
      case TIME_WAIT -> {
        return timeWait(p, s);
      }
      case CLOSED, LISTEN -> c.layer.refuse(p, s);
      default -> synchronised(p, s);
    }
    return false;
  }

  // 3.10.7.3

  private void synSent(PacketBuffer p, Segment s) {
    boolean ackOk = s.has(Tcp.ACK);
    if (ackOk && (s.ack <= c.sender.iss || s.ack > c.sender.nxt)) {
      if (!s.has(Tcp.RST)) {
        c.layer.refuse(p, s);
      }
      return;
    }
    if (ackOk && badEcho(s)) {
      if (!s.has(Tcp.RST)) {
        c.layer.refuse(p, s);
      }
      return;
    }
    if (s.has(Tcp.RST)) {
      if (ackOk) {
        c.fail(Errno.ECONNREFUSED);
      }
      return;
    }
    if (!s.has(Tcp.SYN)) {
      return;
    }
    learn(s);
    if (ackOk) {
      opened(s);
    } else {
      simultaneous(s);
    }
  }

  /** RFC 7323 section 3.2 in SYN-SENT: an echo of something we did not send. */
  private boolean badEcho(Segment s) {
    int sent = c.timestamp(c.openedAt);
    return s.options.hasTimestamps
        && s.options.tsEcr != 0
        && (s.options.tsEcr - sent < 0 || s.options.tsEcr - c.timestamp(c.now()) > 0);
  }

  /** The peer's SYN: what it offers and we offered. */
  private void learn(Segment s) {
    TcpSettings set = c.layer.settings();
    int shift = set.windowScaling ? s.options.windowScale : -1;
    boolean stamps = set.timestamps && s.options.hasTimestamps;
    boolean sack = set.sack && s.options.sackPermitted;
    c.negotiate(s.options.mss, shift, c.receiver.shift, stamps, sack);
    long window = c.receiver.advertised - c.receiver.nxt;
    c.receiver.start(Seq.first(s.wireSeq) + 1);
    c.receiver.advertised = c.receiver.nxt + window;
    s.place(c.receiver.nxt - 1, c.sender.una);
    if (stamps) {
      c.timestampRecent.set(s.options.tsVal, c.now());
    }
  }

  private void opened(Segment s) {
    long now = c.now();
    c.ecn.answered(s);
    c.sender.synAcknowledged(s.ack, now);
    if (s.options.fastOpen != null && s.options.fastOpen.length > 0) {
      c.layer.fastOpen().learn(c.flow.remote(), s.options.fastOpen, c.sender.peerMss);
    }
    if (c.timing.retransmits() == 0) {
      c.rtt.sample(now - c.openedAt, now);
    }
    // RFC 7323 section 2.2: the window of a SYN is not scaled.
    c.sender.setWindow(s, s.window);
    c.establish();
    c.owner.connected();
    s.trimFront(1);
    if (s.length > 0 || s.fin()) {
      text(s);
    }
    c.ackPolicy.immediately();
    afterwards();
  }

  /** RFC 9293 section 3.5: both sides sent a SYN. */
  private void simultaneous(Segment s) {
    c.state = State.SYN_RECEIVED;
    c.sender.setWindow(s, s.window);
    c.out.syn(true);
    c.timing.armRetransmit(c.now());
  }

  // 3.10.7.4

  private void synchronised(PacketBuffer p, Segment s) {
    if (c.isEarly() && s.has(Tcp.SYN) && !s.has(Tcp.ACK) && s.seq == c.receiver.first() - 1) {
      // Our answer was lost: without it the peer cannot know that its data has come.
      c.out.syn(true);
      return;
    }
    if (!pawsOk(s) || !sequenceOk(s)) {
      return;
    }
    if (s.has(Tcp.RST)) {
      resetArrived(s);
      return;
    }
    if (s.has(Tcp.SYN)) {
      // RFC 5961 section 4: whatever its sequence number.
      c.layer.mib().count(Counter.TcpExt_TCPSYNChallenge);
      challenge();
      return;
    }
    if (!s.has(Tcp.ACK)) {
      return;
    }
    if (c.state == State.SYN_RECEIVED && !handshakeAck(p, s)) {
      return;
    }
    if (!acks.acceptable(s)) {
      challenge();
      return;
    }
    // RFC 7323 section 4.3 (2): only what covers the acknowledgement last sent.
    if (c.timestampsOk && s.options.hasTimestamps && s.seq <= c.receiver.acked) {
      c.timestampRecent.update(s.options.tsVal, c.now());
    }
    c.keepAlive.activity();
    acks.process(s);
    if (c.state == State.CLOSED || ackOfFin()) {
      return;
    }
    if (s.has(Tcp.URG) && c.state.receiveOpen()) {
      urgent(s);
    }
    if (s.length > 0 || s.fin()) {
      if (lateData(p, s)) {
        return;
      }
      text(s);
    }
    afterwards();
  }

  private boolean pawsOk(Segment s) {
    if (!c.timestampsOk || !s.options.hasTimestamps || s.has(Tcp.RST)) {
      return true;
    }
    if (!c.timestampRecent.rejects(s.options.tsVal, c.now())) {
      return true;
    }
    c.layer.mib().count(Counter.TcpExt_PAWSEstab);
    c.receiver.noteDuplicate(s.seq, s.seq + s.length);
    answerOutOfPlace(s);
    return false;
  }

  /** RFC 9293 section 3.10.7.4, first: the segment must touch the window. */
  private boolean sequenceOk(Segment s) {
    long nxt = c.receiver.nxt;
    long right = nxt + c.receiver.window();
    if (s.end() >= nxt && s.seq <= right) {
      if (s.seq == right && s.end() > right) {
        noRoom(s);
      }
      return true;
    }
    if (s.has(Tcp.RST)) {
      return false;
    }
    if (s.has(Tcp.SYN)) {
      c.layer.mib().count(Counter.TcpExt_TCPSYNChallenge);
      challenge();
      return false;
    }
    c.receiver.noteDuplicate(s.seq, s.seq + s.length);
    answerOutOfPlace(s);
    return false;
  }

  /** Data wholly behind the window, such as a probe: its ACK counts, its text does not. */
  private void noRoom(Segment s) {
    if (s.length > 0 && c.receiver.window() == 0) {
      c.layer.mib().count(Counter.TcpExt_TCPZeroWindowDrop);
    }
    s.trimEnd(s.seq);
    c.ackPolicy.immediately();
  }

  private void resetArrived(Segment s) {
    if (s.seq == c.receiver.nxt) {
      if (c.state == State.SYN_RECEIVED) {
        c.fail(c.isEarly() ? Errno.ECONNRESET : Errno.ECONNREFUSED);
      } else {
        c.reset();
      }
    } else {
      // RFC 5961 section 3.2.
      challenge();
    }
  }

  /** RFC 5961 section 7: limited per connection and for the whole stack. */
  private void challenge() {
    long now = c.now();
    if (now - lastAnswer >= ANSWER_INTERVAL && c.layer.mayChallenge()) {
      lastAnswer = now;
      c.layer.mib().count(Counter.TcpExt_TCPChallengeACK);
      c.out.ack();
    }
  }

  private void answerOutOfPlace(Segment s) {
    long now = c.now();
    if (s.length == 0 && now - lastAnswer < ANSWER_INTERVAL) {
      return;
    }
    if (s.length == 0) {
      lastAnswer = now;
    }
    c.out.ack();
  }

  /** Fifth, in SYN-RECEIVED. */
  private boolean handshakeAck(PacketBuffer p, Segment s) {
    if (s.ack <= c.sender.una || s.ack > c.sender.nxt) {
      c.layer.refuse(p, s);
      return false;
    }
    c.sender.acknowledged(c.sender.iss + 1);
    long now = c.now();
    if (c.isEarly() && c.timing.retransmits() == 0) {
      c.rtt.sample(now - c.openedAt, now);
    }
    c.sender.setWindow(s, (long) s.window << c.sender.shift);
    c.establish();
    if (c.sendShut) {
      c.state = State.FIN_WAIT_1;
    }
    if (!c.recovery.board.isEmpty()) {
      c.timing.armRetransmit(now);
    }
    c.owner.connected();
    return true;
  }

  /** True if the connection has come to its end, or to where nothing more is to be received. */
  private boolean ackOfFin() {
    if (!c.sender.finAcknowledged()) {
      return false;
    }
    switch (c.state) {
      case FIN_WAIT_1 -> finWait2();
      case CLOSING -> {
        c.enterTimeWait();
        return true;
      }
      case LAST_ACK -> {
        c.finish();
        return true;
      }
      default -> {}
    }
    return c.state == State.CLOSED;
  }

  private void finWait2() {
    c.state = State.FIN_WAIT_2;
    c.owner.event(Readiness.OUT);
    if (c.orphaned) {
      c.startFinTimeout();
    }
  }

  private void urgent(Segment s) {
    if (c.receiver.urgent.announced(s.seq + Math.max(s.urgent - 1, 0))) {
      c.owner.event(Readiness.PRI);
    }
  }

  /** Data for an application that is gone (RFC 9293 section 3.6.1, RFC 2525 section 2.17). */
  private boolean lateData(PacketBuffer p, Segment s) {
    boolean nobody = c.orphaned && s.length > 0 && s.seq + s.length > c.receiver.nxt;
    if (nobody && c.state.receiveOpen()) {
      c.layer.mib().count(Counter.TcpExt_TCPAbortOnData);
      c.out.resetAt(s.ack);
      c.finish();
      return true;
    }
    return false;
  }

  /** Seventh and eighth: text and FIN. */
  private void text(Segment s) {
    if (!c.state.receiveOpen()) {
      // A FIN or its data once more.
      c.ackPolicy.immediately();
      return;
    }
    if (s.length > 0 && c.ecn.arrived(s)) {
      c.ackPolicy.immediately();
    }
    boolean hadGap = !c.receiver.beyond.isEmpty();
    boolean old = s.end() <= c.receiver.nxt;
    long before = c.receiver.nxt;
    c.receiver.take(s);
    boolean advanced = c.receiver.nxt > before;
    boolean gap = !c.receiver.beyond.isEmpty();
    if (advanced) {
      c.ackPolicy.dataArrived(s, c.now());
      if (c.receiver.urgent.arrived()) {
        c.owner.event(Readiness.PRI);
      }
      c.owner.event(Readiness.IN);
    }
    if (old || hadGap || gap || !advanced) {
      c.ackPolicy.immediately();
    }
    if (c.receiver.finReceived) {
      finArrived();
    }
  }

  private void finArrived() {
    c.ackPolicy.immediately();
    switch (c.state) {
      case SYN_RECEIVED, ESTABLISHED -> c.state = State.CLOSE_WAIT;
      case FIN_WAIT_1 -> c.state = State.CLOSING;
      case FIN_WAIT_2 -> {
        c.out.ack();
        c.enterTimeWait();
      }
      default -> {}
    }
    c.owner.event(Readiness.IN | Readiness.RDHUP | (c.sendShut ? Readiness.HUP : 0));
  }

  private void afterwards() {
    c.sender.output();
    c.acknowledge();
  }

  // TIME-WAIT

  private boolean timeWait(PacketBuffer p, Segment s) {
    if (s.has(Tcp.SYN) && !s.has(Tcp.RST) && !s.has(Tcp.ACK) && mayReuse(s)) {
      c.layer.mib().count(Counter.TcpExt_TWRecycled);
      c.finish();
      c.layer.receiveAgain(p);
      return true;
    }
    boolean stale =
        c.timestampsOk
            && s.options.hasTimestamps
            && c.timestampRecent.rejects(s.options.tsVal, c.now());
    if (s.has(Tcp.RST)) {
      return false;
    }
    if (!stale && s.fin() && s.end() == c.receiver.nxt) {
      // RFC 9293 section 3.10.7.4: a retransmitted FIN restarts the wait.
      c.timers.set(Timers.Kind.STATE, c.now() + c.layer.settings().timeWait);
    }
    if (s.length > 0 || s.fin() || s.has(Tcp.SYN) || s.seq != c.receiver.nxt) {
      answerOutOfPlace(s);
    }
    return false;
  }

  /** RFC 9293 section 3.6.1 (MAY-2), RFC 6191: a new incarnation that cannot be confused. */
  private boolean mayReuse(Segment s) {
    if (c.timestampsOk && s.options.hasTimestamps) {
      int newer = s.options.tsVal - c.timestampRecent.value();
      return newer > 0 || newer == 0 && s.seq > c.receiver.nxt;
    }
    return s.seq > c.receiver.nxt;
  }
}
