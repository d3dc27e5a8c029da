package io.loomvisor.net.tcp;

import io.loomvisor.net.tcp.Timers.Kind;
import io.loomvisor.net.tcp.congestion.CongestionWindow;
import io.loomvisor.net.wire.Tcp;

/**
 * The sending half: what is queued, what the peer's window and the congestion window allow, and in
 * which pieces it goes out (RFC 9293 sections 3.7.4 and 3.8.6.2.1, RFC 896).
 */
final class Sender {
  private static final int SMALLEST_MSS = 48;

  /** Of IP and TCP, which count for the pace. */
  private static final int HEADERS = 52;

  /** How long TCP_CORK may hold data back (tcp(7)). */
  private static final long CORK_LIMIT = 200_000_000L;

  private final Connection c;
  private final Recovery recovery;
  final ByteRing data = new ByteRing();
  long iss;

  /** First unacknowledged position, and the next to be sent. */
  long una;

  long nxt;

  /** Behind the last byte the application has written. */
  long queued;

  boolean finQueued;

  /** The peer's window, scaled; and the segment it came with (RFC 9293 section 3.10.7.4). */
  long window;

  private long windowSeq;
  private long windowAck;
  long maxWindow;

  /** The peer's shift count. */
  int shift;

  /** The peer's MSS option, or its default. */
  int peerMss = 536;

  /** Payload of a full segment with the options that every segment carries. */
  int mss;

  /** End of the last segment sent that was not full (Minshall's version of Nagle's rule). */
  private long smallEnd;

  /** Behind the last urgent byte; meaningful while it is beyond {@link #una}. */
  long urgent;

  /** The application said more would follow (MSG_MORE). */
  boolean more;

  /** Set when the last attempt was stopped by the congestion window. */
  private boolean cwndLimited;

  private long lastSentAt;

  Sender(Connection c, Recovery recovery) {
    this.c = c;
    this.recovery = recovery;
  }

  void start(long initial) {
    iss = initial;
    una = initial;
    nxt = initial + 1;
    queued = initial + 1;
    urgent = initial;
    smallEnd = initial;
    data.start(initial + 1);
  }

  boolean cwndLimited() {
    return cwndLimited;
  }

  /** Bytes written and not acknowledged. */
  long held() {
    return Math.max(0, queued - Math.max(una, iss + 1));
  }

  long unsent() {
    return queued - Math.min(nxt, queued);
  }

  boolean finSent() {
    return finQueued && nxt > queued;
  }

  boolean finAcknowledged() {
    return finSent() && una == nxt;
  }

  /** The end of the peer's window. */
  private long right() {
    return una + window;
  }

  /** Recomputes the segment size from path and options; true if it has become smaller. */
  boolean updateMss() {
    int before = mss;
    int room = Math.min(c.path.room(), peerMss);
    if (c.options.maxSegment > 0) {
      room = Math.min(room, c.options.maxSegment);
    }
    // RFC 6691: the MSS does not count options, so they are taken from it.
    mss = Math.max(boundByWindow(room - (c.timestampsOk ? 12 : 0)), SMALLEST_MSS);
    if (mss != before) {
      recovery.window.mss(mss);
    }
    return mss < before;
  }

  /** At most half of the largest window seen, so that two fit (Linux's tcp_bound_to_half_wnd). */
  private int boundByWindow(int size) {
    if (maxWindow == 0) {
      return size;
    }
    long half = maxWindow > 536 ? maxWindow / 2 : maxWindow;
    return (int) Math.min(size, Math.max(half, SMALLEST_MSS));
  }

  /** RFC 9293 section 3.10.7.4: only a segment newer than the last one may change the window. */
  boolean updateWindow(Segment s) {
    boolean newer =
        s.ack > una
            || s.seq > windowSeq
            || s.seq == windowSeq && (s.ack > windowAck || scaled(s) > window);
    if (!newer) {
      return false;
    }
    boolean grew = scaled(s) + s.ack > right();
    setWindow(s, scaled(s));
    return grew;
  }

  private long scaled(Segment s) {
    return (long) s.window << shift;
  }

  void setWindow(Segment s, long w) {
    window = w;
    windowSeq = s.seq;
    windowAck = s.ack;
    maxWindow = Math.max(maxWindow, w);
  }

  /** Notes that the SYN takes data along, as much as fits beside its options; returns how much. */
  int sendWithSyn(int optionBytes) {
    int n = (int) Math.max(0, Math.min(unsent(), mss - optionBytes));
    if (n > 0) {
      recovery.board.add(nxt, nxt + n, c.now(), mss);
      nxt += n;
    }
    return n;
  }

  /** The SYN is acknowledged, and maybe data that went with it; what is not is sent again. */
  void synAcknowledged(long ack, long now) {
    AckSample sample = recovery.sample;
    sample.begin(now, recovery.pipe(), false);
    recovery.board.acknowledge(ack, sample);
    acknowledged(ack);
    for (Sent s = recovery.board.head(); s != null; s = s.next) {
      recovery.board.markLost(s);
    }
  }

  /** Everything up to {@code ack} has arrived. */
  void acknowledged(long ack) {
    una = ack;
    long keep = Math.min(ack, queued);
    if (keep > data.base()) {
      data.discard(keep, keep == queued);
    }
  }

  // Output

  /** Sends what may be sent. */
  void output() {
    if (!c.state.synchronised() && !c.isEarly() || c.state == State.TIME_WAIT) {
      return;
    }
    long now = c.now();
    if (c.path.refresh(now) && updateMss()) {
      recovery.pathNarrowed(mss, now);
    }
    restartAfterIdle(now);
    cwndLimited = false;
    boolean sent = false;
    while (!paced(now) && resend(now, false)) {
      sent = true;
    }
    while (!paced(now) && sendNew(now, false)) {
      sent = true;
    }
    if (sent) {
      c.timing.afterSending(now);
    } else {
      c.timing.maybePersist(now);
    }
  }

  /** True if what is to be sent has to wait for its time. */
  private boolean paced(long now) {
    long at = c.pacing.waitsUntil(now);
    if (at == 0) {
      return false;
    }
    boolean wanted = unsent() > 0 || finQueued && !finSent();
    if (wanted || recovery.board.nextToResend() != null) {
      c.timers.set(Kind.PACING, at);
    }
    return true;
  }

  private void restartAfterIdle(long now) {
    if (c.layer.settings().slowStartAfterIdle && una == nxt && lastSentAt != 0) {
      long idle = now - lastSentAt;
      if (idle > c.rtt.baseRto() && unsent() > 0) {
        recovery.onIdle(idle, c.rtt.baseRto());
        lastSentAt = now;
      }
    }
  }

  /**
   * Sends one piece of new data, or the FIN; {@code probe}: whatever the congestion window says.
   */
  boolean sendNew(long now, boolean probe) {
    long unsent = unsent();
    boolean fin = finQueued && !finSent();
    if (unsent == 0 && !fin) {
      return false;
    }
    long n = Math.min(unsent, probe ? mss : largest());
    if (!probe && !recovery.allows(Math.min(Math.max(n, 1), mss))) {
      cwndLimited = true;
      return false;
    }
    if (n > mss && !probe) {
      n = Math.min(n, whole(recovery.allowance()));
    }
    if (c.ecn.tellsNext()) {
      // CWR is said once, so not by a packet that becomes several.
      n = Math.min(n, mss);
    }
    n = fit(n, fin && n == unsent);
    if (n < 0) {
      return false;
    }
    boolean last = n == unsent;
    if (n > mss && n % mss != 0 && (!last || heldBack(n % mss, fin))) {
      n = n / mss * mss;
      last = false;
    }
    if (n < mss && last && heldBack(n, fin)) {
      holdCorked(now);
      return false;
    }
    boolean withFin = fin && last && right() - nxt > n;
    if (n == 0 && !withFin) {
      return false;
    }
    transmitNew((int) n, withFin, last, now);
    return true;
  }

  private void transmitNew(int n, boolean withFin, boolean last, long now) {
    int flags = Tcp.ACK | (withFin ? Tcp.FIN : 0) | (last || withFin ? Tcp.PSH : 0);
    if (n < mss) {
      smallEnd = nxt + n;
    }
    long start = nxt;
    long end = nxt + n + (withFin ? 1 : 0);
    recovery.board.add(start, end, now, mss);
    recovery.sent(end - start);
    nxt = end;
    lastSentAt = now;
    c.timers.clear(Kind.CORK);
    c.pacing.sent(n + HEADERS, mss, now);
    c.out.fresh(flags, start, n, n > mss ? mss : 0);
  }

  /** {@code n} as far as the peer's window lets it; -1: nothing may be sent. */
  private long fit(long n, boolean finOnly) {
    long room = right() - nxt;
    if (n <= room) {
      return n == 0 && finOnly && room <= 0 ? -1 : n;
    }
    if (room >= mss) {
      return whole(room);
    }
    // RFC 9293 section 3.8.6.2.1 (2): at least half of the largest window seen.
    return room > 0 && room >= maxWindow / 2 ? room : -1;
  }

  private long whole(long bytes) {
    return Math.max(mss, bytes / mss * mss);
  }

  private int largest() {
    int room = (int) Math.min(c.path.segmentationRoom(), c.pacing.burst(mss));
    return room > mss ? Math.max(mss, room / mss * mss) : mss;
  }

  private boolean heldBack(long n, boolean fin) {
    if (fin || n >= mss) {
      return false;
    }
    if (c.options.cork || more) {
      return true;
    }
    boolean smallOutstanding = smallEnd > una && smallEnd <= nxt;
    return !c.options.noDelay && smallOutstanding && urgent <= nxt;
  }

  private void holdCorked(long now) {
    if ((c.options.cork || more) && !c.timers.isSet(Kind.CORK)) {
      c.timers.set(Kind.CORK, now + CORK_LIMIT);
    }
  }

  /** TCP_CORK was taken away. */
  void uncork() {
    more = false;
    c.timers.clear(Kind.CORK);
    output();
  }

  /** The cork has held long enough. */
  void corkExpired(long now) {
    more = false;
    boolean corked = c.options.cork;
    c.options.cork = false;
    smallEnd = una;
    output();
    c.options.cork = corked;
  }

  /** Sends one lost range again; {@code always}: whatever the congestion window says. */
  boolean resend(long now, boolean always) {
    Sent s = recovery.board.nextToResend();
    if (s == null) {
      return false;
    }
    if (!always && !recovery.allows(Math.min(s.length(), mss))) {
      cwndLimited = true;
      return false;
    }
    // A peer that took its window back gets the first segment only.
    if (s.start >= right() && s.start > una) {
      return false;
    }
    resend(s, always ? mss : Math.min(largest(), whole(recovery.allowance())), now);
    return true;
  }

  /** Sends {@code s}, or at most {@code limit} bytes of it, again. */
  void resend(Sent s, long limit, long now) {
    if (s.length() > limit) {
      recovery.board.split(s, s.start + limit, mss);
    }
    recovery.board.markResent(s, now);
    recovery.resent(s, c.timestamp(now));
    lastSentAt = now;
    boolean fin = finQueued && s.end > queued;
    int n = (int) (s.length() - (fin ? 1 : 0));
    int flags = Tcp.ACK | (fin ? Tcp.FIN : 0) | (s.end >= queued ? Tcp.PSH : 0);
    c.pacing.sent(n + HEADERS, mss, now);
    c.out.segment(flags, s.start, n, n > mss ? mss : 0);
  }

  /** Sends the last range once more (RFC 8985 section 7.3). */
  boolean resendTail(long now) {
    Sent s = recovery.board.tail();
    if (s == null || s.sacked) {
      return false;
    }
    if (s.length() > mss) {
      long cut = s.start + (s.length() - 1) / mss * mss;
      recovery.board.split(s, cut, mss);
      s = s.next;
    }
    resend(s, mss, now);
    return true;
  }

  /** A partial segment into a window that is too small for a whole one. */
  boolean sendPartial(long now) {
    long room = right() - nxt;
    long n = Math.min(Math.min(unsent(), room), mss);
    boolean fin = finQueued && !finSent() && n == unsent() && room > n;
    if (n <= 0 && !fin) {
      return false;
    }
    transmitNew((int) Math.max(n, 0), fin, n == unsent(), now);
    return true;
  }

  void setInitialWindow() {
    recovery.window.cwnd(CongestionWindow.initial(mss));
  }
}
