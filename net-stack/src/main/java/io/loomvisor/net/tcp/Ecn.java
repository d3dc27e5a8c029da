package io.loomvisor.net.tcp;

import io.loomvisor.net.wire.Tcp;

/**
 * Explicit congestion notification of one connection (RFC 3168 section 6.1); off unless both agree.
 */
final class Ecn {
  /** Codepoints of the IP header (RFC 3168 section 5). */
  static final int NOT_ECT = 0;

  static final int ECT0 = 2;
  static final int CE = 3;
  private static final int BOTH = Tcp.ECE | Tcp.CWR;

  private boolean asked;
  private boolean on;
  private boolean seen;

  /** Acknowledgements carry ECE until the peer says that it has slowed down. */
  private boolean echo;

  /** The next new data says that this side has slowed down. */
  private boolean tell;

  boolean isOn() {
    return on;
  }

  /** Something ECN-capable has arrived. */
  boolean seen() {
    return seen;
  }

  void agree() {
    on = true;
  }

  /** The flags of a SYN; a repeated one does without, for the sake of odd middle boxes. */
  int synFlags(int setting, boolean again) {
    if (setting != 1 || again) {
      return 0;
    }
    asked = true;
    return BOTH;
  }

  /** What the SYN-ACK says (section 6.1.1): ECE alone agrees. */
  void answered(Segment s) {
    on = asked && (s.flags & BOTH) == Tcp.ECE;
  }

  /** True if a SYN asks for it; one that is itself ECN-capable does not count. */
  static boolean isAsked(Segment s) {
    return (s.flags & BOTH) == BOTH && s.congestion == NOT_ECT;
  }

  /** Data that lies in the window has come (section 6.1.3); true: it had better be answered now. */
  boolean arrived(Segment s) {
    if (!on) {
      return false;
    }
    boolean slowed = s.has(Tcp.CWR);
    if (slowed) {
      echo = false;
    }
    seen |= s.congestion != NOT_ECT;
    echo |= s.congestion == CE;
    return slowed || s.congestion == CE;
  }

  /** The congestion window has been reduced, for whatever reason (section 6.1.2). */
  void reduced() {
    tell = on;
  }

  boolean tellsNext() {
    return tell;
  }

  /** ECE and CWR of a segment; {@code fresh}: of data that is sent for the first time. */
  int flags(boolean fresh) {
    int f = echo ? Tcp.ECE : 0;
    if (fresh && tell) {
      tell = false;
      f |= Tcp.CWR;
    }
    return f;
  }

  /** The codepoint of a segment: neither repeated data nor bare acknowledgements are marked. */
  int codepoint(boolean fresh) {
    return on && fresh ? ECT0 : NOT_ECT;
  }
}
