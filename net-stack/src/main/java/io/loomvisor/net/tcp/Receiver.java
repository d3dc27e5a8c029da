package io.loomvisor.net.tcp;

import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.wire.TcpOptions;
import java.lang.foreign.MemorySegment;

/**
 * The receiving half: bytes in order and beyond gaps, the window offered (RFC 9293 section
 * 3.8.6.2.2) and what is reported by SACK (RFC 2018) and DSACK (RFC 2883).
 */
final class Receiver {
  /** Ranges beyond gaps that are kept; more are dropped as if they had been lost. */
  private static final int MAX_RANGES = 512;

  private final Connection c;
  final ByteRing data = new ByteRing();
  final Intervals beyond = new Intervals(MAX_RANGES);
  final UrgentData urgent;
  private final ReceiveTuning tuning;

  private long first;

  /** Next position expected. */
  long nxt;

  /** The end of the window as announced; never moves back. */
  long advertised;

  /** Where the acknowledgement last sent stood. */
  long acked;

  /** Our shift count. */
  int shift;

  boolean finReceived;

  /** The peer's sequence number of the FIN. */
  private long finAt = -1;

  /** Start of the range that changed last: it is reported first (RFC 2018 section 4). */
  private long latest = -1;

  /** A duplicate to report (RFC 2883); empty if equal. */
  long duplicateStart;

  long duplicateEnd;

  Receiver(Connection c) {
    this.c = c;
    urgent = new UrgentData(this);
    tuning = new ReceiveTuning(c, this);
  }

  void start(long first) {
    this.first = first;
    nxt = first;
    acked = first;
    advertised = first;
    data.start(first);
  }

  /** Position of the first byte of the stream. */
  long first() {
    return first;
  }

  /** Bytes the application may have unread: half of SO_RCVBUF, as Linux's tcp_adv_win_scale 1. */
  long capacity() {
    int clamp = c.options.windowClamp;
    long half = c.options.receiveBuffer / 2;
    return clamp > 0 ? Math.min(clamp, half) : half;
  }

  /** What the peer may still send. */
  long window() {
    return Math.max(0, advertised - nxt);
  }

  long readable() {
    return nxt - data.base() - (finReceived ? 1 : 0);
  }

  boolean atEnd() {
    return finReceived && readable() == 0;
  }

  /**
   * Chooses the window to announce, as it stands in the packet, and remembers it. It never shrinks,
   * and grows only by a worthwhile amount.
   */
  int announce() {
    long w = choose();
    long wire = Math.min(w >> shift, 0xffff);
    acked = nxt;
    advertised = Math.max(advertised, nxt + (wire << shift));
    return (int) wire;
  }

  /** The window that {@link #announce} would give, in bytes. */
  long choose() {
    long current = window();
    long free = capacity() - readable();
    long worthwhile = Math.min(capacity() / 2, Math.max(c.ackPolicy.segmentSize(), 1));
    if (free < worthwhile) {
      free = 0;
    }
    long unit = 1L << shift;
    long w = Math.min(free, 0xffffL << shift) & -unit;
    if (w < current) {
      // RFC 9293 section 3.8.6.2.1: do not take back; what does not divide is rounded up.
      w = current + unit - 1 & -unit;
    }
    return Math.min(w, 0xffffL << shift);
  }

  /**
   * Takes the payload of an acceptable segment.
   *
   * @return true if {@link #nxt} advanced
   */
  boolean take(Segment s) {
    duplicateEnd = duplicateStart;
    if (s.seq < nxt) {
      long end = Math.min(s.end(), nxt);
      if (s.length > 0) {
        duplicate(s.seq, end, Counter.TcpExt_TCPDSACKOldSent);
      }
      s.trimFront(nxt - s.seq);
    }
    s.trimEnd(nxt + window());
    if (s.fin()) {
      finAt = s.seq + s.length;
    }
    if (s.length > 0) {
      if (finReceived || finAt >= 0 && s.seq + s.length > finAt) {
        return false;
      }
      store(s);
    }
    if (finAt >= 0 && nxt == finAt && !finReceived) {
      finReceived = true;
      nxt++;
      return true;
    }
    return s.length > 0 && nxt > s.seq;
  }

  private void store(Segment s) {
    long end = s.seq + s.length;
    if (s.seq == nxt) {
      data.ensure(end, highest());
      data.put(s.seq, s.array, s.offset, s.length);
      nxt = beyond.isEmpty() ? end : beyond.advance(end);
      tuning.received(nxt);
      return;
    }
    int known = beyond.find(s.seq);
    if (known >= 0 && end <= beyond.to(known)) {
      duplicate(s.seq, end, Counter.TcpExt_TCPDSACKOfoSent);
      latest = beyond.from(known);
      return;
    }
    long highest = highest();
    if (!beyond.add(s.seq, end)) {
      c.layer.mib().count(Counter.TcpExt_TCPOFODrop);
      return;
    }
    data.ensure(Math.max(end, highest), highest);
    data.put(s.seq, s.array, s.offset, s.length);
    latest = s.seq;
    c.layer.mib().count(Counter.TcpExt_TCPOFOQueue);
  }

  private long highest() {
    return beyond.isEmpty() ? nxt : Math.max(nxt, beyond.to(beyond.count() - 1));
  }

  private void duplicate(long start, long end, Counter kind) {
    duplicateStart = start;
    duplicateEnd = end;
    c.layer.mib().count(kind);
  }

  /** A segment that was not acceptable because it is old: reported as a duplicate. */
  void noteDuplicate(long start, long end) {
    if (end > start) {
      duplicate(start, Math.min(end, nxt), Counter.TcpExt_TCPDSACKOldSent);
    }
  }

  /** Adds what SACK has to say: the duplicate, the latest range, the others from below. */
  void report(TcpOptions o) {
    int room = o.sackRoom();
    if (duplicateEnd > duplicateStart && room > 0) {
      o.addSack((int) duplicateStart, (int) duplicateEnd);
      duplicateEnd = duplicateStart;
    }
    if (beyond.isEmpty()) {
      return;
    }
    int first = latest < 0 ? -1 : beyond.find(latest);
    if (first >= 0 && o.sackCount < room) {
      o.addSack((int) beyond.from(first), (int) beyond.to(first));
    }
    for (int i = 0; i < beyond.count() && o.sackCount < room; i++) {
      if (i != first) {
        o.addSack((int) beyond.from(i), (int) beyond.to(i));
      }
    }
  }

  // The application's side

  /** How much can be read in one go: up to the urgent mark, if there is one. */
  private int next(int wanted, int hole) {
    return (int) Math.min(Math.min(wanted, readable() - hole), urgent.distance());
  }

  int read(byte[] a, int offset, int length, boolean peek) {
    int hole = urgent.hole();
    int n = next(length, hole);
    if (n > 0) {
      data.get(data.base() + hole, a, offset, n);
    }
    consumed(hole + n, peek);
    return n;
  }

  int read(MemorySegment m, long offset, int length, boolean peek) {
    int hole = urgent.hole();
    int n = next(length, hole);
    if (n > 0) {
      data.get(data.base() + hole, m, offset, n);
    }
    consumed(hole + n, peek);
    return n;
  }

  /** Throws {@code length} bytes away as if read (MSG_TRUNC). */
  int discard(int length) {
    int hole = urgent.hole();
    int n = next(length, hole);
    consumed(hole + n, false);
    return n;
  }

  /** SIOCINQ: bytes before the urgent mark, or all. */
  int available() {
    return next(Integer.MAX_VALUE, urgent.hole());
  }

  private void consumed(int n, boolean peek) {
    if (!peek && n > 0) {
      advance(n);
      tuning.consumed(data.base());
    }
  }

  /** Steps over {@code n} bytes. */
  void advance(int n) {
    long to = data.base() + n;
    data.discard(to, to == nxt - (finReceived ? 1 : 0) && beyond.isEmpty());
    urgent.passed(to);
  }

  boolean inlineUrgent() {
    return c.options.outOfBandInline;
  }

  void free() {
    data.free();
    beyond.clear();
  }
}
