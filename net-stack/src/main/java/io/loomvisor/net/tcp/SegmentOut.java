package io.loomvisor.net.tcp;

import io.loomvisor.net.ip.Path;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.Tcp;
import io.loomvisor.net.wire.TcpOptions;

/** Adds to a segment of one connection what every segment carries, and sends it. */
final class SegmentOut {
  private final Connection c;
  private final TcpOptions options = new TcpOptions();

  /** The last transmission failed because no route was there. */
  private boolean unroutable;

  long segmentsOut;

  SegmentOut(Connection c) {
    this.c = c;
  }

  boolean unroutable() {
    return unroutable;
  }

  /** The SYN, or the SYN-ACK of a simultaneous open (RFC 9293 section 3.5). */
  void syn(boolean ack) {
    TcpSettings s = c.layer.settings();
    options.clear();
    options.mss = c.announcedMss();
    // After a SYN only what the peer offered too is answered.
    if (ack ? c.windowScaleOk : s.windowScaling) {
      options.windowScale = c.receiver.shift;
    }
    options.sackPermitted = ack ? c.sackOk : s.sack;
    if (ack ? c.timestampsOk : s.timestamps) {
      stamp();
    }
    // RFC 7323 section 2.2: the window of a SYN is never scaled.
    int whole = options.mss - (ack && c.timestampsOk ? 12 : 0);
    int window = initialWindow(c.receiver.capacity(), whole);
    c.receiver.advertised = Math.max(c.receiver.advertised, c.receiver.nxt + window);
    c.receiver.acked = c.receiver.nxt;
    int ecn = ack ? 0 : c.ecn.synFlags(s.ecn, c.timing.retransmits() > 0);
    int flags = Tcp.SYN | ecn | (ack ? Tcp.ACK : 0);
    int data = 0;
    if (!ack && c.cookie() != null && c.timing.retransmits() == 0) {
      options.fastOpen = c.cookie();
      data = c.cookie().length > 0 ? c.sender.sendWithSyn(options.length()) : 0;
    }
    emit(flags, c.sender.iss, window, data, 0, ack ? c.receiver.nxt : 0, Ecn.NOT_ECT);
  }

  /** Whole segments only, as Linux's tcp_select_initial_window. */
  static int initialWindow(long capacity, int mss) {
    int window = (int) Math.min(0xffff, capacity);
    return window > mss ? window - window % mss : window;
  }

  private void stamp() {
    options.hasTimestamps = true;
    options.tsVal = c.timestamp(c.now());
    options.tsEcr = c.timestampRecent.value();
  }

  /**
   * A segment with ACK: {@code length} bytes of data from {@code seq} on, not for the first time.
   */
  void segment(int flags, long seq, int length, int segmentSize) {
    segment(flags, seq, length, segmentSize, false);
  }

  /** As {@link #segment(int, long, int, int)}, of data that was not sent before. */
  void fresh(int flags, long seq, int length, int segmentSize) {
    segment(flags, seq, length, segmentSize, length > 0);
  }

  private void segment(int flags, long seq, int length, int segmentSize, boolean fresh) {
    options.clear();
    if (c.timestampsOk) {
      stamp();
    }
    if (c.sackOk && length <= c.sender.mss - 12) {
      c.receiver.report(options);
    }
    int window = c.receiver.announce();
    if (length > 0) {
      c.ackPolicy.dataSent(c.now());
    }
    c.ackPolicy.sent();
    int all = flags | c.ecn.flags(fresh);
    emit(all, seq, window, length, segmentSize, c.receiver.nxt, c.ecn.codepoint(fresh));
  }

  private void emit(
      int flags, long seq, int window, int length, int segmentSize, long ack, int codepoint) {
    int urgent = 0;
    int all = flags;
    long distance = c.sender.urgent - seq;
    if (distance > 0 && distance <= 0xffff && (flags & Tcp.SYN) == 0) {
      urgent = (int) distance;
      all |= Tcp.URG;
    }
    send(all, seq, ack, window, urgent, length, segmentSize, codepoint);
  }

  /** Just an acknowledgement. */
  void ack() {
    segment(Tcp.ACK, c.sender.nxt, 0, 0);
  }

  /** Something old that provokes an acknowledgement: a keep-alive or window probe. */
  void probe() {
    segment(Tcp.ACK, c.sender.una - 1, 0, 0);
  }

  void reset() {
    options.clear();
    if (c.timestampsOk) {
      stamp();
    }
    send(Tcp.RST | Tcp.ACK, c.sender.nxt, c.receiver.nxt, 0, 0, 0, 0, Ecn.NOT_ECT);
  }

  /** RFC 9293 section 3.10.7.4: a reset with the sequence number that the peer expects. */
  void resetAt(long seq) {
    options.clear();
    send(Tcp.RST, seq, 0, 0, 0, 0, 0, Ecn.NOT_ECT);
  }

  private void send(
      int flags,
      long seq,
      long ack,
      int window,
      int urgent,
      int length,
      int segmentSize,
      int codepoint) {
    Path path = c.path.get();
    unroutable = path == null;
    if (path == null) {
      c.layer.mib().count(Counter.Ip_OutNoRoutes);
      return;
    }
    segmentsOut++;
    c.layer
        .output()
        .send(
            path,
            c.flow,
            c.timeToLive(),
            c.trafficClass() | codepoint,
            (int) seq,
            (int) ack,
            flags,
            window,
            urgent,
            options,
            c.sender.data,
            (flags & Tcp.SYN) != 0 ? seq + 1 : seq,
            length,
            segmentSize);
  }
}
