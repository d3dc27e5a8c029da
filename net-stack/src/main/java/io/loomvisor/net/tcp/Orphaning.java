package io.loomvisor.net.tcp;

import io.loomvisor.net.stats.Counter;

/** close(2) of a connection (RFC 9293 section 3.10.4, net/ipv4/tcp.c __tcp_close). */
final class Orphaning {
  private final Connection c;
  private final EndpointOptions options;

  Orphaning(Connection c, EndpointOptions options) {
    this.c = c;
    this.options = options;
  }

  void run() {
    boolean unread = c.receiver.readable() > 0;
    c.orphaned = true;
    c.receiver.free();
    if (c.state == State.SYN_SENT) {
      c.abort();
    } else if (unread && c.state != State.TIME_WAIT) {
      // RFC 2525 section 2.17: the peer must learn that its data was not read.
      c.layer.mib().count(Counter.TcpExt_TCPAbortOnClose);
      c.abort();
    } else if (options.linger && options.lingerSeconds == 0) {
      c.layer.mib().count(Counter.TcpExt_TCPAbortOnLinger);
      c.abort();
    } else {
      leaveAlone();
    }
  }

  private void leaveAlone() {
    if (!c.admittedAsOrphan()) {
      c.abort();
      return;
    }
    options.keepAlive = options.keepAlive && c.state.synchronised();
    c.shutSend();
    if (c.state == State.FIN_WAIT_2) {
      c.startFinTimeout();
    }
  }
}
