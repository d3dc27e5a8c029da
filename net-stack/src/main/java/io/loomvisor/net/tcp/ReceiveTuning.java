package io.loomvisor.net.tcp;

/**
 * Lets the receive buffer grow to twice what the application reads in a round trip, as Linux's
 * dynamic right-sizing does (net/ipv4/tcp_input.c tcp_rcv_space_adjust).
 */
final class ReceiveTuning {
  private final Connection c;
  private final Receiver receiver;

  /** Round trip as the receiver sees it: how long a whole window takes to arrive. */
  private long rtt;

  private long windowEnd;
  private long windowAt;
  private long measuredFrom;
  private long measuredAt;
  private long space;

  ReceiveTuning(Connection c, Receiver receiver) {
    this.c = c;
    this.receiver = receiver;
  }

  void received(long nxt) {
    long now = c.now();
    if (windowAt == 0) {
      windowAt = now;
      windowEnd = nxt + receiver.window();
      measuredFrom = receiver.data.base();
      measuredAt = now;
      space = 10L * c.ackPolicy.segmentSize();
    } else if (nxt >= windowEnd) {
      long sample = Math.max(1, now - windowAt);
      rtt = rtt == 0 ? sample : Math.min(rtt, rtt + (sample - rtt) / 8);
      windowAt = now;
      windowEnd = nxt + receiver.window();
    }
  }

  void consumed(long position) {
    long trip = c.rtt.srtt() != 0 ? c.rtt.srtt() : rtt;
    long now = c.now();
    if (trip == 0 || now - measuredAt < trip) {
      return;
    }
    long copied = position - measuredFrom;
    if (copied > space) {
      grow(copied);
      space = copied;
    }
    measuredFrom = position;
    measuredAt = now;
  }

  private void grow(long copied) {
    EndpointOptions o = c.options;
    TcpSettings s = c.layer.settings();
    if (o.receiveBufferFixed || !s.moderateReceiveBuffer) {
      return;
    }
    long window = 2 * copied + 16L * c.ackPolicy.segmentSize();
    long wanted = Math.min(2 * window, s.maxReceiveBuffer);
    if (wanted > o.receiveBuffer) {
      o.receiveBuffer = (int) wanted;
    }
  }
}
