package io.loomvisor.net.tcp;

import io.loomvisor.net.time.Clock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What TCP_INFO tells (struct tcp_info, include/uapi/linux/tcp.h). Windows are in segments and
 * times in microseconds, as there.
 */
public record TcpInfo(
    int state,
    int congestionState,
    int retransmits,
    int probes,
    int backoff,
    int options,
    int sendScale,
    int receiveScale,
    int rto,
    int sendMss,
    int receiveMss,
    int unacked,
    int sacked,
    int lost,
    int retransmitted,
    int pathMtu,
    int receiveThreshold,
    int rtt,
    int rttVariance,
    int sendThreshold,
    int sendWindow,
    int advertisedMss,
    int minRtt,
    int notSentBytes,
    int segmentsOut,
    int segmentsIn,
    long bytesAcked,
    long bytesReceived) {
  /** Size of struct tcp_info in Linux 6.6. */
  public static final int SIZE = 240;

  private static final int TIMESTAMPS = 1;
  private static final int SACK = 2;
  private static final int WINDOW_SCALE = 4;
  private static final int ECN = 8;
  private static final int ECN_SEEN = 16;
  private static final int INFINITE = 0x7fff_ffff;

  static TcpInfo of(Connection c, Listener l, EndpointOptions o) {
    if (c == null) {
      return idle(l, o);
    }
    int options = c.timestampsOk ? TIMESTAMPS : 0;
    options |= c.sackOk ? SACK : 0;
    options |= c.windowScaleOk ? WINDOW_SCALE : 0;
    options |= c.ecn.isOn() ? ECN : 0;
    options |= c.ecn.seen() ? ECN_SEEN : 0;
    Scoreboard b = c.recovery.board;
    int mss = Math.max(c.sender.mss, 1);
    long threshold = c.recovery.window.ssthresh() / mss;
    var path = c.path.get();
    return new TcpInfo(
        c.state.number(),
        c.recovery.phase().number(),
        c.timing.retransmits(),
        c.timing.probes(),
        c.rtt.backoff(),
        options,
        c.sender.shift,
        c.receiver.shift,
        micros(c.rtt.rto()),
        mss,
        c.ackPolicy.segmentSize(),
        segments(b.isEmpty() ? 0 : b.tail().end - b.head().start, mss),
        segments(b.sackedBytes(), mss),
        segments(b.lostBytes(), mss),
        segments(b.againBytes(), mss),
        path == null ? 0 : path.mtu(),
        (int) c.receiver.capacity(),
        micros(c.rtt.srtt()),
        micros(c.rtt.rttvar()),
        (int) Math.min(threshold, INFINITE),
        (int) (c.recovery.window.cwnd() / mss),
        c.announcedMss() - (c.timestampsOk ? 12 : 0),
        micros(c.rtt.minRtt()),
        (int) c.sender.unsent(),
        (int) c.out.segmentsOut,
        (int) c.segmentsIn,
        Math.max(0, c.sender.una - c.sender.iss - 1),
        Math.max(0, c.receiver.nxt - c.receiver.first()));
  }

  /** For a listener, Linux shows the accept queue in the places of unacked and sacked. */
  private static TcpInfo idle(Listener l, EndpointOptions o) {
    State s = l == null ? State.CLOSED : State.LISTEN;
    int queued = l == null ? 0 : l.queued();
    int backlog = l == null ? 0 : l.backlog();
    return new TcpInfo(
        s.number(),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        micros(RttEstimator.INITIAL_RTO),
        536,
        536,
        queued,
        backlog,
        0,
        0,
        0,
        o.receiveBuffer / 2,
        0,
        250_000,
        INFINITE,
        10,
        0,
        0,
        0,
        0,
        0,
        0,
        0);
  }

  private static int micros(long nanos) {
    return (int) Math.min(nanos / Clock.MICROSECOND, Integer.MAX_VALUE);
  }

  private static int segments(long bytes, int mss) {
    return (int) ((bytes + mss - 1) / mss);
  }

  /** As struct tcp_info on a little-endian machine; what is not known is 0. */
  public byte[] toBytes() {
    ByteBuffer b = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    b.put((byte) state).put((byte) congestionState).put((byte) retransmits).put((byte) probes);
    b.put((byte) backoff).put((byte) options);
    b.put((byte) (sendScale | receiveScale << 4)).put((byte) 0);
    b.putInt(rto).putInt(40_000).putInt(sendMss).putInt(receiveMss);
    b.putInt(unacked).putInt(sacked).putInt(lost).putInt(retransmitted).putInt(0);
    // tcpi_last_data_sent, last_ack_sent, last_data_recv, last_ack_recv.
    b.putInt(0).putInt(0).putInt(0).putInt(0);
    b.putInt(pathMtu).putInt(receiveThreshold).putInt(rtt).putInt(rttVariance);
    b.putInt(sendThreshold).putInt(sendWindow).putInt(advertisedMss).putInt(3);
    // tcpi_rcv_rtt, rcv_space, total_retrans, pacing rates.
    b.putInt(0).putInt(receiveThreshold).putInt(0).putLong(-1).putLong(-1);
    b.putLong(bytesAcked).putLong(bytesReceived).putInt(segmentsOut).putInt(segmentsIn);
    b.putInt(notSentBytes).putInt(minRtt);
    return b.array();
  }
}
