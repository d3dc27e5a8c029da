package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.IcmpError;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.tcp.congestion.CongestionControl;
import io.loomvisor.net.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection: the transmission control block of RFC 9293 section 3.3.1, split into a sending
 * half, a receiving half, recovery, timers and their like. All of it runs inside the mailbox of its
 * {@link TcpEndpoint}.
 */
final class Connection {
  final TcpEndpoint owner;
  final TcpLayer layer;
  final EndpointOptions options;
  final Timers timers;
  final FlowKey flow;
  final SendPath path;
  final RttEstimator rtt = new RttEstimator();
  final Recovery recovery;
  final Sender sender;
  final Receiver receiver;
  final Ecn ecn = new Ecn();
  final Pacing pacing;
  final SegmentOut out;
  final AckPolicy ackPolicy;
  final LossTiming timing;
  final KeepAlive keepAlive;
  final RecentTimestamp timestampRecent = new RecentTimestamp();
  private final Arrival arrival;
  private final Clock clock;
  private final int timestampOffset;

  State state = State.CLOSED;
  boolean timestampsOk;
  boolean sackOk;
  boolean windowScaleOk;

  /** The application has closed its endpoint. */
  boolean orphaned;

  boolean receiveShut;
  boolean sendShut;
  long openedAt;
  long segmentsIn;
  private boolean everOpen;
  private boolean countedAsOrphan;
  private long timeWaitSince;

  /** Of TCP_FASTOPEN: connect is done, the SYN waits for the first data. */
  private boolean deferred;

  /** Its SYN is to ask for a cookie, or to carry the one that is known; null: neither. */
  private byte[] cookie;

  /** The listener's count of those whose data was taken before the handshake; null: not one. */
  private AtomicInteger early;

  private int error;
  private int softError;

  Connection(
      TcpEndpoint owner, TcpLayer layer, EndpointOptions options, Timers timers, FlowKey flow) {
    this.owner = owner;
    this.layer = layer;
    this.options = options;
    this.timers = timers;
    this.flow = flow;
    this.clock = layer.clock();
    path = new SendPath(layer.ip(), flow, options.nicId);
    timestampOffset = layer.timestampOffset(flow);
    CongestionControl control = CongestionControl.of(options.congestion);
    recovery = new Recovery(this, rtt, 536, control);
    sender = new Sender(this, recovery);
    receiver = new Receiver(this);
    pacing = new Pacing(this);
    out = new SegmentOut(this);
    ackPolicy = new AckPolicy(this);
    timing = new LossTiming(this);
    keepAlive = new KeepAlive(this);
    arrival = new Arrival(this);
  }

  long now() {
    return clock.nanoTime();
  }

  /** Milliseconds, from a different origin for every flow (RFC 7323 section 5.4). */
  int timestamp(long now) {
    return (int) (now / Clock.MILLISECOND) + timestampOffset;
  }

  int announcedMss() {
    int mss = path.announcedMss();
    return options.maxSegment > 0 ? Math.min(mss, options.maxSegment) : mss;
  }

  int timeToLive() {
    return flow.v6 ? Math.max(options.hopLimit, 0) : Math.max(options.ttl, 0);
  }

  int trafficClass() {
    return flow.v6 ? options.trafficClass : options.tos;
  }

  // Opening

  /** Active open (RFC 9293 section 3.10.1). */
  void open() {
    openedAt = now();
    receiver.shift = layer.windowShift(options);
    ackPolicy.segmentSize(Math.min(536, announcedMss()));
    sender.start(Seq.first(layer.initialSequence(flow)));
    sender.updateMss();
    state = State.SYN_SENT;
    if (options.fastOpenConnect && (layer.settings().fastOpen & FastOpen.CLIENT) != 0) {
      prepareFastOpen();
    }
    if (!deferred) {
      sendSyn();
    }
  }

  /** RFC 7413 section 4.2.1: with a cookie the SYN waits for data, without it asks for one. */
  private void prepareFastOpen() {
    FastOpen.Known k = layer.fastOpen().known(flow.remote());
    if (k == null) {
      cookie = FastOpen.REQUEST;
      return;
    }
    cookie = k.cookie();
    sender.peerMss = Math.max(k.mss(), 48);
    sender.updateMss();
    deferred = true;
  }

  private void sendSyn() {
    layer.mib().count(Counter.Tcp_ActiveOpens);
    out.syn(false);
    timing.armRetransmit(now());
  }

  boolean deferred() {
    return deferred;
  }

  /** The first data is there: it goes with the SYN. */
  void openDeferred() {
    deferred = false;
    openedAt = now();
    sendSyn();
  }

  /** What the first SYN carries besides; null: no Fast Open. */
  byte[] cookie() {
    return cookie;
  }

  /** True while data is exchanged before the handshake is complete. */
  boolean isEarly() {
    return early != null;
  }

  /** Passive open, from what the listener kept of the handshake. */
  void adopt(Embryo e) {
    openedAt = e.createdAt;
    negotiate(e.peerMss, e.peerShift, e.ourShift, e.timestampsOk, e.sackOk);
    if (e.ecnOk) {
      ecn.agree();
    }
    sender.start(e.iss);
    receiver.start(e.irs + 1);
    receiver.advertised = receiver.nxt + e.window;
    if (e.timestampsOk) {
      timestampRecent.set(e.recentTimestamp, e.recentTimestampAt);
    }
    sender.updateMss();
    sender.una = e.iss + 1;
    if (e.retransmits > 0) {
      rtt.handshakeTimedOut();
    } else if (e.sentAt > 0) {
      rtt.sample(now() - e.sentAt, now());
    }
    establish();
  }

  /** Passive open by a SYN with a cookie: its data counts at once (RFC 7413 section 4.2.2). */
  void adoptEarly(Embryo e, Segment s) {
    openedAt = e.createdAt;
    negotiate(e.peerMss, e.peerShift, e.ourShift, e.timestampsOk, e.sackOk);
    sender.start(e.iss);
    receiver.start(e.irs + 1);
    receiver.advertised = receiver.nxt + e.window;
    if (e.timestampsOk) {
      timestampRecent.set(e.recentTimestamp, e.recentTimestampAt);
    }
    sender.updateMss();
    sender.setInitialWindow();
    s.place(e.irs, e.iss);
    // RFC 7323 section 2.2: the window of a SYN is not scaled.
    sender.setWindow(s, s.window);
    ackPolicy.segmentSize(Math.min(announcedMss(), 536));
    state = State.SYN_RECEIVED;
    s.trimFront(1);
    s.trimEnd(receiver.advertised);
    receiver.take(s);
  }

  void countEarly(AtomicInteger pending) {
    early = pending;
    pending.incrementAndGet();
  }

  /** The SYN-ACK, which acknowledges the data as well. */
  void answerEarly() {
    if (state == State.SYN_RECEIVED) {
      out.syn(true);
      timing.armRetransmit(now());
    }
  }

  private void noLongerEarly() {
    if (early != null) {
      early.decrementAndGet();
      early = null;
    }
  }

  void negotiate(int peerMss, int peerShift, int ourShift, boolean timestamps, boolean sack) {
    // RFC 9293 section 3.7.1: 536 or 1220 if the peer does not say.
    sender.peerMss = peerMss > 0 ? Math.max(peerMss, 48) : flow.v6 ? 1220 : 536;
    windowScaleOk = peerShift >= 0;
    sender.shift = Math.max(peerShift, 0);
    receiver.shift = windowScaleOk ? ourShift : 0;
    timestampsOk = timestamps;
    sackOk = sack;
  }

  /** Both SYNs are acknowledged. */
  void establish() {
    state = State.ESTABLISHED;
    noLongerEarly();
    everOpen = true;
    timing.handshakeDone();
    sender.updateMss();
    sender.setInitialWindow();
    ackPolicy.segmentSize(Math.min(announcedMss(), 536));
    if (!options.sendBufferFixed) {
      growSendBuffer();
    }
    keepAlive.activity();
  }

  /** Linux's tcp_sndbuf_expand: room for two congestion windows. */
  void growSendBuffer() {
    if (!options.sendBufferFixed) {
      long wanted = 4 * Math.max(recovery.window.cwnd(), 10L * sender.mss);
      int limit = layer.settings().maxSendBuffer;
      options.sendBuffer = (int) Math.max(options.sendBuffer, Math.min(wanted, limit));
    }
  }

  // Events

  /** Does not release the packet; true if it was handed on. */
  boolean arrive(PacketBuffer p, Segment s) {
    segmentsIn++;
    return arrival.process(p, s);
  }

  /** The application has read: perhaps the peer should know (tcp_cleanup_rbuf). */
  void windowMayOpen() {
    if (!state.receiveOpen()) {
      return;
    }
    long now = receiver.window();
    boolean worthIt = false;
    if (2 * now <= receiver.capacity()) {
      long next = receiver.choose();
      worthIt = next > 0 && next >= 2 * now;
    }
    if (worthIt || ackPolicy.dueAfterRead()) {
      out.ack();
    }
  }

  void timer(Timers.Kind kind, long now) {
    switch (kind) {
      case RETRANSMIT -> timing.retransmitTimeout(now);
      case TAIL_PROBE -> timing.tailProbe(now);
      case REORDERING -> {
        recovery.reorderingExpired(now);
        sender.output();
      }
      case PERSIST -> timing.persistTimeout(now);
      case DELAYED_ACK -> {
        ackPolicy.delayExpired();
        acknowledge();
      }
      case KEEP_ALIVE -> keepAlive.expired(now);
      case STATE -> finish();
      case CORK -> sender.corkExpired(now);
      case PACING -> sender.output();
    }
  }

  /** Sends an acknowledgement if one is due. */
  void acknowledge() {
    if (state.synchronised() && ackPolicy.due(now())) {
      out.ack();
    }
  }

  /**
   * An ICMP error about a segment of ours (RFC 5927, RFC 1122 section 4.2.3.9).
   *
   * @return true if it has ended the attempt to connect, of which the error queue then tells
   *     (tcp_v4_err: only so, and for traceroute's sake)
   */
  boolean icmp(int sequence, IcmpError e) {
    long seq = Seq.unwrap(sequence, sender.una);
    if (seq < sender.una || seq >= sender.nxt || state == State.CLOSED) {
      return false;
    }
    if (e.kind() == IcmpError.Kind.TOO_BIG) {
      layer.ip().learnMtu(flow.remote(), e.mtu());
      pathChanged();
      return false;
    }
    boolean opening = state == State.SYN_SENT || state == State.SYN_RECEIVED;
    if (opening) {
      // Unlike RFC 1122 section 4.2.3.9, as Linux does, also for what may pass.
      fail(e.kind().errno());
    } else if (options.receiveErrors) {
      // ip(7): IP_RECVERR passes errors of TCP on at once; the connection goes on.
      error = e.kind().errno();
      owner.event(Readiness.ERR | Readiness.IN | Readiness.OUT);
    } else {
      softError = e.kind().errno();
    }
    return opening;
  }

  void pathChanged() {
    if (state.synchronised() && sender.updateMss()) {
      recovery.pathNarrowed(sender.mss, now());
      sender.output();
    }
  }

  // Closing

  /** No more data will be written: queues the FIN (RFC 9293 section 3.10.4). */
  void shutSend() {
    if (sendShut) {
      return;
    }
    sendShut = true;
    switch (state) {
      case ESTABLISHED, SYN_RECEIVED -> {
        sender.finQueued = true;
        if (state == State.ESTABLISHED) {
          state = State.FIN_WAIT_1;
        }
      }
      case CLOSE_WAIT -> {
        sender.finQueued = true;
        state = State.LAST_ACK;
      }
      default -> {}
    }
    sender.more = false;
    sender.output();
  }

  /** FIN-WAIT-2 without an application ends after a while (tcp_fin_timeout, TCP_LINGER2). */
  void startFinTimeout() {
    timers.set(Timers.Kind.STATE, now() + Math.max(options.finWait2, 0));
  }

  void enterTimeWait() {
    state = State.TIME_WAIT;
    timeWaitSince = now();
    timers.clearAll();
    sender.data.free();
    recovery.board.clear();
    if (layer.timeWaitAdmitted()) {
      layer.mib().count(Counter.TcpExt_TW);
      timers.set(Timers.Kind.STATE, now() + layer.settings().timeWait);
    } else {
      layer.mib().count(Counter.TcpExt_TCPTimeWaitOverflow);
      finish();
    }
  }

  /** Ends without an error. */
  void finish() {
    if (state == State.TIME_WAIT) {
      layer.timeWaitLeft();
    }
    close();
  }

  /** Ends with an error that the application will see. */
  void fail(int errno) {
    if (state == State.CLOSED) {
      return;
    }
    if (state == State.SYN_SENT || state == State.SYN_RECEIVED) {
      layer.mib().count(Counter.Tcp_AttemptFails);
    }
    error = errno;
    close();
    owner.event(Readiness.ERR | Readiness.IN | Readiness.OUT | Readiness.HUP | Readiness.RDHUP);
  }

  private void close() {
    state = State.CLOSED;
    noLongerEarly();
    timers.clearAll();
    sender.data.free();
    recovery.board.clear();
    if (orphaned) {
      receiver.free();
    }
    if (countedAsOrphan) {
      countedAsOrphan = false;
      layer.orphanLeft();
    }
    owner.connectionEnded();
  }

  /** Reset by this side (RFC 9293 section 3.10.5). */
  void abort() {
    if (state.synchronised() && state != State.TIME_WAIT || state == State.SYN_RECEIVED) {
      out.reset();
    }
    if (state == State.TIME_WAIT) {
      layer.timeWaitLeft();
    }
    if (state != State.CLOSED) {
      if (state == State.ESTABLISHED || state == State.CLOSE_WAIT) {
        layer.mib().count(Counter.Tcp_EstabResets);
      }
      close();
    }
  }

  /** The peer has reset the connection. */
  void reset() {
    switch (state) {
      case ESTABLISHED, CLOSE_WAIT -> layer.mib().count(Counter.Tcp_EstabResets);
      default -> {}
    }
    if (state == State.TIME_WAIT) {
      // RFC 1337: a reset does not end TIME-WAIT.
      return;
    }
    // tcp_reset: EPIPE if the peer had already said that it would send no more.
    fail(state == State.CLOSE_WAIT ? Errno.EPIPE : Errno.ECONNRESET);
  }

  void timedOut() {
    layer.mib().count(Counter.TcpExt_TCPAbortOnTimeout);
    if (state.synchronised()) {
      out.reset();
    }
    fail(LossTiming.timeoutError(softError));
  }

  /** It was established at some time. */
  boolean everOpen() {
    return everOpen;
  }

  long timeWaitSince() {
    return timeWaitSince;
  }

  /** tcp_tw_reuse: whether a new connection may take over the ports. */
  boolean mayYield() {
    int reuse = layer.settings().timeWaitReuse;
    return timestampsOk && (reuse == 1 || reuse == 2 && path.isLoopback());
  }

  /** False if there are too many connections without an application already. */
  boolean admittedAsOrphan() {
    countedAsOrphan = true;
    return layer.orphanAdmitted();
  }

  int takeError() {
    int e = error;
    error = 0;
    return e;
  }

  int error() {
    return error;
  }

  /** SO_ERROR from now on; 0: none. */
  void pendingError(int errno) {
    error = errno;
  }

  int softError() {
    return softError;
  }

  void clearSoftError() {
    softError = 0;
  }
}
