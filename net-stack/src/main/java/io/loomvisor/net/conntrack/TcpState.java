package io.loomvisor.net.conntrack;

import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.IpView;
import io.loomvisor.net.wire.Tcp;

/**
 * What a middle box can know of a TCP connection (RFC 9293 section 3.3.2 seen from outside): its
 * phase, by the flags that pass, and the windows of both sides, after van Rooij's "Real Stateful
 * TCP Packet Filtering". Only the firewall's actor touches it, but for {@link #phase}.
 */
public final class TcpState {
  /** By the names that /proc/net/nf_conntrack has. */
  public enum Phase {
    NONE,
    SYN_SENT,
    SYN_RECV,
    ESTABLISHED,
    FIN_WAIT,
    CLOSE_WAIT,
    LAST_ACK,
    TIME_WAIT,
    CLOSE,
    /** Both sides sent a SYN. */
    SYN_SENT2
  }

  /** What {@link #segment} found. */
  enum Verdict {
    VALID,
    INVALID,
    /** Of a new connection that takes the place of this one, which is over. */
    REOPENS
  }

  private volatile Phase phase = Phase.NONE;
  private final TcpWindow[] windows = {new TcpWindow(), new TcpWindow()};

  /** Data is on its way that the other side has not acknowledged. */
  private boolean unacknowledged;

  public Phase phase() {
    return phase;
  }

  boolean unacknowledged() {
    return unacknowledged;
  }

  /** The first segment; false if none begins so. */
  boolean begin(byte[] a, IpView v, boolean loose) {
    int flags = Tcp.flags(a, v.transport());
    boolean syn = (flags & Tcp.SYN) != 0;
    boolean ack = (flags & Tcp.ACK) != 0;
    if ((flags & (Tcp.RST | Tcp.FIN)) != 0 || syn == ack || !syn && !loose) {
      return false;
    }
    phase = syn ? Phase.SYN_SENT : Phase.ESTABLISHED;
    windows[0].begin(segmentOf(a, v), syn);
    if (!syn) {
      windows[0].beLiberal();
      windows[1].beLiberal();
    }
    return true;
  }

  Verdict segment(byte[] a, IpView v, boolean reply, boolean liberal) {
    Segment s = segmentOf(a, v);
    Phase after = reply ? afterReply(s.flags) : afterOriginal(s.flags);
    if (after == null) {
      return Verdict.INVALID;
    }
    if (after == Phase.NONE) {
      return Verdict.REOPENS;
    }
    TcpWindow sender = windows[reply ? 1 : 0];
    TcpWindow receiver = windows[reply ? 0 : 1];
    if (isStraySyn(s.flags)) {
      // The ends answer it (RFC 5961 section 4); it says nothing about the connection.
      return Verdict.VALID;
    }
    boolean starts = (s.flags & Tcp.SYN) != 0 && after.ordinal() <= Phase.SYN_RECV.ordinal();
    boolean reset = (s.flags & Tcp.RST) != 0;
    if (!sender.accepts(s, receiver, starts || after == Phase.SYN_SENT2)
        && (reset || !(liberal || sender.isLiberal()))) {
      return Verdict.INVALID;
    }
    if (reset && phase == Phase.ESTABLISHED && !sender.mayReset(s.seq)) {
      // RFC 5961 section 3: the receiver asks first; if it was right, another one comes.
      return Verdict.VALID;
    }
    if (s.end != s.seq) {
      unacknowledged = true;
    } else if ((s.flags & Tcp.ACK) != 0 && receiver.isAllAcknowledged(s.ack)) {
      unacknowledged = false;
    }
    phase = after;
    return Verdict.VALID;
  }

  /** A SYN inside of a connection that has begun. */
  private boolean isStraySyn(int flags) {
    return (flags & Tcp.SYN) != 0
        && (flags & Tcp.RST) == 0
        && phase.ordinal() >= Phase.ESTABLISHED.ordinal()
        && phase != Phase.SYN_SENT2;
  }

  /** Null: invalid; NONE: a new connection begins. */
  private Phase afterOriginal(int flags) {
    boolean ack = (flags & Tcp.ACK) != 0;
    if ((flags & Tcp.RST) != 0) {
      return Phase.CLOSE;
    }
    if ((flags & Tcp.SYN) != 0 && ack) {
      return switch (phase) {
        case SYN_SENT2, SYN_RECV -> Phase.SYN_RECV;
        default -> null;
      };
    }
    if ((flags & Tcp.SYN) != 0) {
      return switch (phase) {
        case TIME_WAIT, CLOSE -> Phase.NONE;
        default -> phase;
      };
    }
    if ((flags & Tcp.FIN) != 0) {
      return afterFin();
    }
    return switch (phase) {
      case SYN_SENT, SYN_SENT2 -> null;
      default -> ack ? afterAck() : null;
    };
  }

  private Phase afterReply(int flags) {
    boolean ack = (flags & Tcp.ACK) != 0;
    if ((flags & Tcp.RST) != 0) {
      return Phase.CLOSE;
    }
    if ((flags & Tcp.SYN) != 0 && ack) {
      return switch (phase) {
        case SYN_SENT, SYN_SENT2 -> Phase.SYN_RECV;
        default -> phase;
      };
    }
    if ((flags & Tcp.SYN) != 0) {
      return switch (phase) {
        case SYN_SENT, SYN_SENT2 -> Phase.SYN_SENT2;
        case TIME_WAIT -> Phase.NONE;
        default -> null;
      };
    }
    if ((flags & Tcp.FIN) != 0) {
      return afterFin();
    }
    return switch (phase) {
      // An answer to an old segment of the same ports (RFC 9293 section 3.5.2).
      case SYN_SENT, SYN_SENT2, SYN_RECV -> ack ? phase : null;
      default -> ack ? afterAck() : null;
    };
  }

  private Phase afterFin() {
    return switch (phase) {
      case SYN_RECV, ESTABLISHED -> Phase.FIN_WAIT;
      case FIN_WAIT, CLOSE_WAIT, LAST_ACK -> Phase.LAST_ACK;
      case TIME_WAIT, CLOSE -> phase;
      case NONE, SYN_SENT, SYN_SENT2 -> null;
    };
  }

  private Phase afterAck() {
    return switch (phase) {
      case SYN_RECV, ESTABLISHED -> Phase.ESTABLISHED;
      case FIN_WAIT, CLOSE_WAIT -> Phase.CLOSE_WAIT;
      case LAST_ACK, TIME_WAIT -> Phase.TIME_WAIT;
      case NONE, SYN_SENT, CLOSE, SYN_SENT2 -> phase;
    };
  }

  /** The parts that count; {@code end} is behind the last sequence number used. */
  record Segment(int flags, int seq, int ack, int end, int window, int scale) {}

  private static Segment segmentOf(byte[] a, IpView v) {
    int t = v.transport();
    int flags = Tcp.flags(a, t);
    int header = Tcp.headerLength(a, t);
    int length = v.end() - t - header;
    int seq = Tcp.seq(a, t);
    boolean syn = (flags & Tcp.SYN) != 0;
    int end = seq + length + (syn ? 1 : 0) + ((flags & Tcp.FIN) != 0 ? 1 : 0);
    int scale = syn ? windowScale(a, t + Tcp.MIN_HEADER, t + header) : -1;
    return new Segment(flags, seq, Tcp.ack(a, t), end, Tcp.window(a, t), scale);
  }

  /** RFC 7323 section 2.2; -1 if there is no such option. */
  private static int windowScale(byte[] a, int from, int end) {
    int at = from;
    while (at < end && Bytes.u8(a, at) != 0) {
      if (Bytes.u8(a, at) == 1) {
        at++;
        continue;
      }
      int n = at + 1 < end ? Bytes.u8(a, at + 1) : 0;
      if (n < 2 || at + n > end) {
        return -1;
      }
      if (Bytes.u8(a, at) == 3 && n == 3) {
        return Math.min(Bytes.u8(a, at + 2), 14);
      }
      at += n;
    }
    return -1;
  }
}
