package io.loomvisor.net.tcp;

import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.time.Clock;

/**
 * When to acknowledge (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2): at once while a connection
 * is young or something is missing, else for every second full segment or after a delay.
 */
final class AckPolicy {
  /** Linux's TCP_DELACK_MIN and _MAX; the limit of RFC 9293 is 500 ms. */
  private static final long MIN_DELAY = 40 * Clock.MILLISECOND;

  private static final long MAX_DELAY = 200 * Clock.MILLISECOND;

  /** Linux's TCP_MAX_QUICKACKS. */
  private static final int MAX_QUICK = 16;

  private final Connection c;

  /** Acknowledgements left that are sent at once. */
  private int quick;

  /** The application answers what it receives: the answer carries the acknowledgement. */
  private boolean interactive;

  private boolean pending;
  private boolean now;
  private long delay;
  private long lastDataAt;

  /** Estimate of the peer's segment size. */
  private int size = 536;

  private boolean sized;

  AckPolicy(Connection c) {
    this.c = c;
  }

  int segmentSize() {
    return size;
  }

  void segmentSize(int guess) {
    size = guess;
  }

  /** Data arrived in order. */
  void dataArrived(Segment s, long time) {
    int n = s.packetLength;
    if (n >= size || !sized && n > 0) {
      size = Math.max(n, 88);
      sized = true;
    }
    if (lastDataAt == 0) {
      quick = MAX_QUICK;
      delay = MIN_DELAY;
    } else {
      adapt(time - lastDataAt);
    }
    lastDataAt = time;
    pending = true;
  }

  private void adapt(long gap) {
    if (gap <= MIN_DELAY / 2) {
      delay = delay / 2 + MIN_DELAY / 2;
    } else if (gap < delay) {
      delay = Math.min(delay / 2 + gap, c.rtt.baseRto());
    } else if (gap > c.rtt.baseRto()) {
      // The peer has paused: it may be in slow start again.
      quick = MAX_QUICK;
    }
  }

  /** Something that must be answered at once: a gap, its end, a probe, a FIN. */
  void immediately() {
    pending = true;
    now = true;
  }

  boolean pending() {
    return pending;
  }

  /** Decides what to do about data not yet acknowledged; true: send now. */
  boolean due(long time) {
    if (!pending) {
      return false;
    }
    Receiver r = c.receiver;
    boolean twoSegments = r.nxt - r.acked > size && r.choose() >= r.window();
    boolean gap = !r.beyond.isEmpty();
    boolean quickMode = quick > 0 && !interactive;
    if (now || twoSegments || gap || quickMode) {
      return true;
    }
    if (!c.timers.isSet(Timers.Kind.DELAYED_ACK)) {
      long d = Math.clamp(delay, MIN_DELAY, MAX_DELAY);
      c.timers.set(Timers.Kind.DELAYED_ACK, time + d);
    }
    return false;
  }

  /** The delay is over. */
  void delayExpired() {
    if (pending) {
      if (interactive) {
        interactive = false;
        delay = MIN_DELAY;
      } else {
        delay = Math.min(2 * delay, c.rtt.baseRto());
      }
      now = true;
      c.layer.mib().count(Counter.TcpExt_DelayedACKs);
    }
  }

  /** A segment with ACK went out. */
  void sent() {
    if (pending && quick > 0) {
      quick--;
    }
    pending = false;
    now = false;
    c.timers.clear(Timers.Kind.DELAYED_ACK);
  }

  /** Data was sent soon after data came: a conversation. */
  void dataSent(long time) {
    if (lastDataAt != 0 && time - lastDataAt < delay) {
      interactive = true;
    }
  }

  /** The reader made room; true if an acknowledgement waits that had better go now. */
  boolean dueAfterRead() {
    return pending && c.receiver.nxt - c.receiver.acked > size;
  }

  /** TCP_QUICKACK. */
  void quick(boolean on) {
    interactive = !on;
    if (on && pending) {
      now = true;
    }
  }

  boolean isQuick() {
    return !interactive;
  }
}
