package io.loomvisor.net.conntrack;

import io.loomvisor.net.wire.Tcp;

/**
 * What has been seen of one side of a TCP connection: how far it has sent, how far it may send, and
 * the largest window it has offered. A segment lies in the window if
 *
 * <ul>
 *   <li>it begins before what its sender may send,
 *   <li>it ends after what the receiver has, less the receiver's window,
 *   <li>it acknowledges nothing that was not sent, and
 *   <li>nothing older than a window ago.
 * </ul>
 */
final class TcpWindow {
  /** Acknowledgements this far back are taken with any window. */
  private static final int MIN_BACK = 66_000;

  private boolean seen;
  private boolean liberal;

  /** Behind the last sequence number that it has sent. */
  private int end;

  /** How far the other side lets it send. */
  private int maxEnd;

  /** The largest window it has offered, scaled; never 0 once it has been seen. */
  private int maxWindow;

  /** The last acknowledgement that came from the other side. */
  private int acknowledged;

  private boolean hasAcknowledged;

  /** What it shifts its windows by; -1: it did not offer to. */
  private int scale = -1;

  void beLiberal() {
    liberal = true;
  }

  boolean isLiberal() {
    return liberal;
  }

  void begin(TcpState.Segment s, boolean syn) {
    seen = true;
    end = s.end();
    maxWindow = Math.max(1, s.window());
    maxEnd = syn ? s.end() : s.end() + maxWindow;
    scale = syn ? s.scale() : scale;
  }

  /** This is the sender's. Takes over what a good segment says. */
  boolean accepts(TcpState.Segment s, TcpWindow receiver, boolean starts) {
    boolean syn = (s.flags() & Tcp.SYN) != 0;
    if (!seen || starts) {
      begin(s, syn);
      if (syn && receiver.seen && (s.scale() < 0 || receiver.scale < 0)) {
        // RFC 7323 section 2.2: both must have offered.
        scale = -1;
        receiver.scale = -1;
      }
      if (!receiver.seen) {
        return true;
      }
    }
    boolean hasAck = (s.flags() & Tcp.ACK) != 0;
    int ack = hasAck ? s.ack() : receiver.end;
    if (!receiver.seen) {
      update(s, receiver, ack, syn);
      return true;
    }
    int back = Math.max(maxWindow, MIN_BACK);
    boolean inside =
        s.seq() - (maxEnd + 1) < 0
            && s.end() - (end - receiver.maxWindow - 1) > 0
            && ack - receiver.end <= 0
            && ack - (receiver.end - back - 1) > 0;
    if (inside || liberal) {
      update(s, receiver, ack, syn);
    }
    if (inside && hasAck && (s.flags() & Tcp.RST) == 0) {
      receiver.acknowledged = ack;
      receiver.hasAcknowledged = true;
    }
    return inside;
  }

  private void update(TcpState.Segment s, TcpWindow receiver, int ack, boolean syn) {
    int window = s.window() << (syn ? 0 : Math.max(0, scale));
    if (s.end() - end > 0) {
      end = s.end();
    }
    maxWindow = Math.max(maxWindow, Math.max(1, window));
    int mayEnd = ack + Math.max(1, window);
    if (mayEnd - receiver.maxEnd > 0) {
      receiver.maxEnd = mayEnd;
    }
  }

  /** True unless the other side waits for something else than {@code seq}. */
  boolean mayReset(int seq) {
    return !hasAcknowledged || acknowledged == seq;
  }

  boolean isAllAcknowledged(int ack) {
    return ack - end >= 0;
  }
}
