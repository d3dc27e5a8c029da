package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.Path;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Tcp;
import io.loomvisor.net.wire.TcpOptions;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The LISTEN state: answers SYNs, keeps incomplete handshakes, queues complete ones. Runs inside
 * the mailbox of its endpoint.
 */
final class Listener {
  private final TcpEndpoint owner;
  private final TcpLayer layer;
  private final EndpointOptions options;
  private final Timers timers;
  private final Map<FlowKey, Embryo> embryos = new LinkedHashMap<>();
  private final ArrayDeque<TcpEndpoint> ready = new ArrayDeque<>();
  private final TcpOptions reply = new TcpOptions();
  private int backlog;

  /** Connections begun by TCP Fast Open whose handshakes are not complete; they count it down. */
  private final AtomicInteger earlyOnes = new AtomicInteger();

  /** Cookies are accepted for two minutes after the last one was sent. */
  private long lastCookie = Long.MIN_VALUE / 2;

  Listener(TcpEndpoint owner, TcpLayer layer, EndpointOptions options, Timers timers) {
    this.owner = owner;
    this.layer = layer;
    this.options = options;
    this.timers = timers;
  }

  void backlog(int n) {
    int max = layer.settings().somaxconn;
    backlog = n < 0 || n > max ? max : n;
  }

  int backlog() {
    return backlog;
  }

  int queued() {
    return ready.size();
  }

  TcpEndpoint accept() {
    return ready.poll();
  }

  /** Linux's sk_acceptq_is_full: one more than the backlog fits. */
  private boolean queueFull() {
    return ready.size() > backlog;
  }

  /** Does not release the packet; true if it was handed on. */
  boolean arrive(PacketBuffer p, Segment s) {
    Embryo e = embryos.get(p.flow);
    if (e != null) {
      return handshake(p, s, e);
    }
    TcpEndpoint already = layer.connection(p.flow);
    if (already != null) {
      // It was on its way here while the segment before it completed the handshake.
      already.arrive(p);
      return true;
    }
    if (s.has(Tcp.RST)) {
      return false;
    }
    if (s.has(Tcp.ACK)) {
      return cookie(p, s);
    }
    if (s.has(Tcp.SYN) && !s.has(Tcp.FIN)) {
      syn(p, s);
    }
    return false;
  }

  /** RFC 9293 section 3.10.7.4, second, in SYN-RECEIVED; exact as RFC 5961 section 3.2 asks. */
  private void reset(Segment s, Embryo e) {
    if (s.wireSeq == (int) e.irs + 1) {
      embryos.remove(e.flow);
      layer.mib().count(Counter.Tcp_AttemptFails);
      layer.mib().count(Counter.TcpExt_EmbryonicRsts);
    }
  }

  private void syn(PacketBuffer p, Segment s) {
    if (queueFull()) {
      layer.mib().count(Counter.TcpExt_ListenOverflows);
      layer.mib().count(Counter.TcpExt_ListenDrops);
      return;
    }
    boolean full = embryos.size() >= Math.min(backlog + 1, layer.settings().maxSynBacklog);
    if (full && !layer.settings().synCookies) {
      layer.mib().count(Counter.TcpExt_TCPReqQFullDrop);
      layer.mib().count(Counter.TcpExt_ListenDrops);
      return;
    }
    Path path = layer.ip().path(p.flow.remote(), p.flow.local(), 0);
    if (path == null) {
      return;
    }
    Embryo e = new Embryo(p.flow.copy());
    e.irs = Seq.first(s.wireSeq);
    read(e, s);
    e.window = offeredWindow(e, path);
    e.createdAt = layer.clock().nanoTime();
    if (full) {
      layer.mib().count(Counter.TcpExt_TCPReqQFullDoCookies);
      sendCookie(e, path, e.createdAt);
      return;
    }
    e.ecnOk = layer.settings().ecn != 0 && Ecn.isAsked(s);
    e.iss = Seq.first(layer.initialSequence(e.flow));
    if (s.options.fastOpen != null && fastOpens() && openedEarly(e, s)) {
      return;
    }
    embryos.put(e.flow, e);
    e.sentAt = e.createdAt;
    synAck(e, path, layer.timestamp(e.flow));
    schedule(e);
  }

  private boolean fastOpens() {
    return options.fastOpenQueue > 0 && (layer.settings().fastOpen & FastOpen.SERVER) != 0;
  }

  /**
   * RFC 7413 section 4.2.2: true if the SYN's data was taken and the connection can be accepted.
   * Otherwise the handshake goes on as usual and tells the client its cookie if it has none.
   */
  private boolean openedEarly(Embryo e, Segment s) {
    if (!layer.fastOpen().isValid(e.flow, s.options.fastOpen)) {
      e.cookie = layer.fastOpen().cookie(e.flow);
      return false;
    }
    if (earlyOnes.get() >= options.fastOpenQueue) {
      // Section 5.1: a flood with cookies must not fill the memory.
      return false;
    }
    e.ecnOk = false;
    TcpEndpoint child = owner.spawnEarly(e, s, earlyOnes);
    if (child == null) {
      return false;
    }
    layer.mib().count(Counter.Tcp_PassiveOpens);
    ready.add(child);
    owner.event(Readiness.IN);
    return true;
  }

  private void read(Embryo e, Segment s) {
    TcpSettings set = layer.settings();
    e.peerMss = s.options.mss;
    e.peerShift = set.windowScaling ? s.options.windowScale : -1;
    e.ourShift = layer.windowShift(options);
    e.timestampsOk = set.timestamps && s.options.hasTimestamps;
    e.sackOk = set.sack && s.options.sackPermitted;
    e.recentTimestamp = s.options.tsVal;
    e.recentTimestampAt = layer.clock().nanoTime();
  }

  private int offeredWindow(Embryo e, Path path) {
    int mss = announcedMss(e.flow, path) - (e.timestampsOk ? 12 : 0);
    return SegmentOut.initialWindow(options.receiveBuffer / 2, mss);
  }

  private int announcedMss(FlowKey flow, Path path) {
    int header = (flow.v6 ? 40 : 20) + Tcp.MIN_HEADER;
    int mss = Math.max(path.nic().mtu() - header, 88);
    return options.maxSegment > 0 ? Math.min(mss, options.maxSegment) : mss;
  }

  private void schedule(Embryo e) {
    e.deadline =
        layer.clock().nanoTime()
            + Math.min(RttEstimator.INITIAL_RTO << e.retransmits, RttEstimator.MAX_RTO);
    if (!timers.isSet(Timers.Kind.RETRANSMIT)
        || timers.deadline(Timers.Kind.RETRANSMIT) > e.deadline) {
      timers.set(Timers.Kind.RETRANSMIT, e.deadline);
    }
  }

  /** Sends SYN-ACKs again, forgets who does not answer. */
  void timer(long now) {
    long next = Long.MAX_VALUE;
    Iterator<Embryo> i = embryos.values().iterator();
    while (i.hasNext()) {
      Embryo e = i.next();
      if (e.deadline <= now) {
        if (e.retransmits >= retries(e)) {
          i.remove();
          layer.mib().count(Counter.Tcp_AttemptFails);
          continue;
        }
        e.retransmits++;
        e.sentAt = 0;
        e.deadline = now + Math.min(Clock.SECOND << e.retransmits, RttEstimator.MAX_RTO);
        resend(e);
      }
      next = Math.min(next, e.deadline);
    }
    if (next != Long.MAX_VALUE) {
      timers.set(Timers.Kind.RETRANSMIT, next);
    }
  }

  /** A deferred one gets the time TCP_DEFER_ACCEPT asks for, then is accepted without data. */
  private int retries(Embryo e) {
    int limit = options.synCount > 0 ? options.synCount : layer.settings().synAckRetries;
    return e.deferred ? Math.max(limit, options.deferAccept) : limit;
  }

  private void resend(Embryo e) {
    // While data is awaited there is no need to repeat what was acknowledged.
    if (e.deferred && e.retransmits < options.deferAccept) {
      return;
    }
    Path path = layer.ip().path(e.flow.remote(), e.flow.local(), 0);
    if (path != null) {
      layer.mib().count(Counter.Tcp_RetransSegs);
      synAck(e, path, layer.timestamp(e.flow));
    }
  }

  private void synAck(Embryo e, Path path, int timestamp) {
    reply.clear();
    reply.mss = announcedMss(e.flow, path);
    reply.windowScale = e.peerShift >= 0 ? e.ourShift : -1;
    reply.sackPermitted = e.sackOk;
    reply.hasTimestamps = e.timestampsOk;
    reply.tsVal = timestamp;
    reply.tsEcr = e.recentTimestamp;
    reply.fastOpen = e.cookie;
    layer
        .output()
        .send(
            path,
            e.flow,
            Math.max(e.flow.v6 ? options.hopLimit : options.ttl, 0),
            e.flow.v6 ? options.trafficClass : options.tos,
            (int) e.iss,
            (int) e.irs + 1,
            Tcp.SYN | Tcp.ACK | (e.ecnOk ? Tcp.ECE : 0),
            e.window,
            0,
            reply,
            null,
            0,
            0,
            0);
  }

  private void sendCookie(Embryo e, Path path, long now) {
    lastCookie = now;
    int mss = e.peerMss > 0 ? e.peerMss : 536;
    e.iss = Seq.first(layer.cookies().sequence(e.flow, (int) e.irs, mss, now));
    int stamp = layer.timestamp(e.flow);
    if (e.timestampsOk) {
      stamp = SynCookies.timestamp(stamp, e.peerShift, e.sackOk);
    } else {
      // Nowhere to keep them.
      e.peerShift = -1;
      e.sackOk = false;
    }
    layer.mib().count(Counter.TcpExt_SyncookiesSent);
    synAck(e, path, stamp);
  }

  /** An ACK for which nothing is kept: perhaps it returns a cookie. */
  private boolean cookie(PacketBuffer p, Segment s) {
    long now = layer.clock().nanoTime();
    if (s.has(Tcp.SYN) || now - lastCookie > 128 * Clock.SECOND) {
      layer.refuse(p, s);
      return false;
    }
    int irs = s.wireSeq - 1;
    int mss = layer.cookies().mss(p.flow, irs, s.wireAck - 1, now);
    if (mss < 0) {
      layer.mib().count(Counter.TcpExt_SyncookiesFailed);
      layer.refuse(p, s);
      return false;
    }
    layer.mib().count(Counter.TcpExt_SyncookiesRecv);
    if (queueFull()) {
      overflow(p, s);
      return false;
    }
    Path path = layer.ip().path(p.flow.remote(), p.flow.local(), 0);
    if (path == null) {
      return false;
    }
    Embryo e = new Embryo(p.flow.copy());
    e.irs = Seq.first(irs);
    e.iss = Seq.first(s.wireAck - 1);
    e.peerMss = mss;
    e.timestampsOk = s.options.hasTimestamps && layer.settings().timestamps;
    e.peerShift = e.timestampsOk ? SynCookies.shift(s.options.tsEcr) : -1;
    e.sackOk = e.timestampsOk && SynCookies.sack(s.options.tsEcr);
    e.ourShift = layer.windowShift(options);
    e.recentTimestamp = s.options.tsVal;
    e.recentTimestampAt = now;
    e.window = offeredWindow(e, path);
    e.createdAt = now;
    return complete(p, e);
  }

  /** A segment for an incomplete handshake; true if the packet was handed on. */
  private boolean handshake(PacketBuffer p, Segment s, Embryo e) {
    if (s.has(Tcp.RST)) {
      reset(s, e);
      return false;
    }
    s.place(e.irs + 1, e.iss + 1);
    long now = layer.clock().nanoTime();
    if (s.has(Tcp.SYN) && s.seq == e.irs && !s.has(Tcp.ACK)) {
      resendLimited(e, now);
      return false;
    }
    boolean old =
        e.timestampsOk && s.options.hasTimestamps && s.options.tsVal - e.recentTimestamp < 0;
    boolean inside = s.end() >= e.irs + 1 && s.seq <= e.irs + 1 + e.window;
    if (old || !inside || s.has(Tcp.SYN)) {
      resendLimited(e, now);
      return false;
    }
    if (!s.has(Tcp.ACK)) {
      return false;
    }
    if (s.ack != e.iss + 1) {
      layer.refuse(p, s);
      return false;
    }
    boolean bare = s.length == 0 && !s.fin();
    if (bare && options.deferAccept > 0 && e.retransmits < options.deferAccept) {
      e.deferred = true;
      return false;
    }
    if (queueFull()) {
      overflow(p, s);
      return false;
    }
    embryos.remove(e.flow);
    if (e.timestampsOk && s.options.hasTimestamps && s.seq <= e.irs + 1) {
      e.recentTimestamp = s.options.tsVal;
      e.recentTimestampAt = now;
    }
    return complete(p, e);
  }

  /** At most once per half a second: the answer to a duplicate SYN. */
  private void resendLimited(Embryo e, long now) {
    if (e.sentAt == 0 || now - e.sentAt >= Clock.SECOND / 2 || e.retransmits == 0) {
      Path path = layer.ip().path(e.flow.remote(), e.flow.local(), 0);
      if (path != null && !e.deferred) {
        synAck(e, path, layer.timestamp(e.flow));
      }
    }
  }

  private void overflow(PacketBuffer p, Segment s) {
    layer.mib().count(Counter.TcpExt_ListenOverflows);
    layer.mib().count(Counter.TcpExt_ListenDrops);
    if (layer.settings().abortOnOverflow) {
      layer.refuse(p, s);
    }
  }

  private boolean complete(PacketBuffer p, Embryo e) {
    TcpEndpoint child = owner.spawn(e);
    if (child == null) {
      return false;
    }
    layer.mib().count(Counter.Tcp_PassiveOpens);
    ready.add(child);
    child.arrive(p);
    owner.event(Readiness.IN);
    return true;
  }

  /** Nobody will accept any more. */
  void close() {
    embryos.clear();
    for (TcpEndpoint e : ready) {
      e.abandon();
    }
    ready.clear();
  }
}
