package io.loomvisor.net.tcp;

import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Tcp;

/** What the acknowledgement in a segment does: RFC 9293 section 3.10.7.4, fifth. */
final class AckArrival {
  private final Connection c;
  private final long[] blocks = new long[8];

  AckArrival(Connection c) {
    this.c = c;
  }

  /** RFC 5961 section 5.2: neither of what was not sent nor of what is long gone. */
  boolean acceptable(Segment s) {
    return s.ack <= c.sender.nxt && s.ack >= c.sender.una - Math.max(c.sender.maxWindow, 1);
  }

  void process(Segment s) {
    Sender snd = c.sender;
    if (s.ack < snd.una) {
      // Old, but its SACK blocks may be news.
      if (c.sackOk && s.options.sackCount > 0) {
        begin(s);
        sack(s);
        c.recovery.onAck(false);
      }
      return;
    }
    long now = c.now();
    AckSample sample = begin(s);
    long held = snd.held();
    boolean outstanding = !c.recovery.board.isEmpty();
    boolean advanced = s.ack > snd.una;
    if (c.sackOk && s.options.sackCount > 0) {
      sack(s);
    }
    boolean windowChanged = (long) s.window << snd.shift != snd.window;
    boolean opened = snd.updateWindow(s);
    if (advanced) {
      sample.advanced = true;
      sample.acked = s.ack - snd.una;
      c.recovery.board.acknowledge(s.ack, sample);
      snd.acknowledged(s.ack);
      if (!c.sackOk) {
        sample.delivered = Math.max(sample.delivered, sample.acked);
      }
    }
    measure(s, sample, now);
    if (c.ecn.isOn() && s.has(Tcp.ECE)) {
      c.recovery.congestionReported();
    }
    // RFC 5681 section 2: no data, no news, something outstanding.
    boolean duplicate =
        !advanced && outstanding && s.length == 0 && !windowChanged && !s.fin() && s.ack == snd.una;
    c.recovery.onAck(duplicate);
    if (opened && snd.window > 0) {
      c.timing.windowOpened();
    } else if (!outstanding) {
      c.timing.probeAnswered();
    }
    c.timing.afterAck(now, advanced, duplicate);
    if (advanced) {
      c.clearSoftError();
      c.path.confirm(now);
      c.growSendBuffer();
      if (snd.held() < held) {
        c.owner.roomMade();
      }
    }
  }

  private AckSample begin(Segment s) {
    AckSample sample = c.recovery.sample;
    boolean older =
        c.timestampsOk
            && s.options.hasTimestamps
            && c.recovery.undo.olderThanResend(s.options.tsEcr);
    sample.begin(c.now(), c.recovery.pipe(), older);
    return sample;
  }

  /**
   * RFC 6298 section 3 (Karn), RFC 7323 section 4: with timestamps also for what was sent twice.
   */
  private void measure(Segment s, AckSample sample, long now) {
    long sentAt = sample.sentAt();
    if (sentAt != 0) {
      c.rtt.sample(now - sentAt, now);
    } else if (sample.advanced
        && c.timestampsOk
        && s.options.hasTimestamps
        && s.options.tsEcr != 0) {
      int millis = c.timestamp(now) - s.options.tsEcr;
      // A millisecond more, because the echo has no finer resolution.
      boolean counts = sample.echoCounts(now - (millis - 1L) * Clock.MILLISECOND);
      if (millis >= 0 && counts) {
        c.rtt.sample(Math.max(millis, 1) * Clock.MILLISECOND, now);
      }
    }
  }

  /** RFC 2018 section 5; the first block may report a duplicate (RFC 2883 section 4). */
  private void sack(Segment s) {
    int n = s.options.sackCount;
    for (int i = 0; i < 2 * n; i++) {
      blocks[i] = Seq.unwrap(s.options.sack[i], c.sender.una);
    }
    int first = 0;
    boolean below = blocks[0] < s.ack;
    boolean insideSecond = n > 1 && blocks[0] >= blocks[2] && blocks[1] <= blocks[3];
    if (below || insideSecond) {
      duplicate(blocks[0], blocks[1]);
      first = 1;
    }
    sort(first, n);
    for (int i = first; i < n; i++) {
      long left = blocks[2 * i];
      long right = blocks[2 * i + 1];
      if (left < right && left >= Math.max(s.ack, c.sender.una) && right <= c.sender.nxt) {
        c.recovery.board.sack(left, right, c.sender.mss, c.recovery.sample);
      }
    }
  }

  private void duplicate(long left, long right) {
    if (left < right && right <= c.sender.nxt) {
      c.layer.mib().count(Counter.TcpExt_TCPDSACKRecv);
      c.recovery.sample.duplicateReported = true;
      c.recovery.undo.duplicate(left, right - left);
    }
  }

  /** By position: what is lower was usually sent earlier. */
  private void sort(int first, int n) {
    for (int i = first + 1; i < n; i++) {
      for (int j = i; j > first && blocks[2 * j] < blocks[2 * j - 2]; j--) {
        swap(2 * j, 2 * j - 2);
        swap(2 * j + 1, 2 * j - 1);
      }
    }
  }

  private void swap(int i, int j) {
    long t = blocks[i];
    blocks[i] = blocks[j];
    blocks[j] = t;
  }
}
