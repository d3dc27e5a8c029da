package io.loomvisor.net.tcp;

import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.time.Clock;

/** RFC 9293 section 3.8.4, RFC 1122 section 4.2.3.6; tcp(7): TCP_KEEPIDLE and its like. */
final class KeepAlive {
  private final Connection c;
  private long lastHeard;
  private int probes;

  KeepAlive(Connection c) {
    this.c = c;
  }

  /** The peer was heard of; cheap: the timer finds out for itself when it expires. */
  void activity() {
    lastHeard = c.now();
    probes = 0;
    if (c.options.keepAlive && !c.timers.isSet(Timers.Kind.KEEP_ALIVE)) {
      arm();
    }
  }

  /** SO_KEEPALIVE or its times were changed. */
  void reconfigured() {
    boolean alive = c.state.synchronised() && c.state != State.TIME_WAIT;
    if (c.options.keepAlive && alive) {
      arm();
    } else {
      c.timers.clear(Timers.Kind.KEEP_ALIVE);
    }
  }

  private void arm() {
    c.timers.set(Timers.Kind.KEEP_ALIVE, lastHeard + c.options.keepIdle);
  }

  void expired(long now) {
    if (!c.options.keepAlive) {
      return;
    }
    long idle = now - lastHeard;
    // Data in flight or waiting has timers of its own.
    if (idle < c.options.keepIdle || !c.recovery.board.isEmpty() || c.sender.unsent() > 0) {
      c.timers.set(Timers.Kind.KEEP_ALIVE, now + Math.max(c.options.keepIdle - idle, Clock.SECOND));
      return;
    }
    long user = c.options.userTimeoutMillis * Clock.MILLISECOND;
    boolean over = user > 0 ? idle >= user && probes > 0 : probes >= c.options.keepCount;
    if (over) {
      c.timedOut();
      return;
    }
    probes++;
    c.layer.mib().count(Counter.TcpExt_TCPKeepAlive);
    c.out.probe();
    c.timers.set(Timers.Kind.KEEP_ALIVE, now + c.options.keepInterval);
  }
}
