package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.socket.SipHash;
import io.loomvisor.net.time.Clock;

/**
 * Handshakes without memory (RFC 4987 section 3.6): the SYN-ACK's sequence number is a keyed hash
 * that carries the peer's MSS; with timestamps, six of their bits carry the other options.
 */
final class SynCookies {
  private static final int[] MSS_TABLE = {536, 1220, 1440, 1460, 4300, 8960};
  private static final long PERIOD = 64 * Clock.SECOND;
  private static final int MAX_AGE = 2;
  private static final int LOW = 0xff_ffff;
  private static final int OPTION_BITS = 0x3f;
  private static final int NO_SCALE = 0xf;
  private static final int SACK_BIT = 0x10;

  private final SipHash outer = SipHash.random();
  private final SipHash inner = SipHash.random();

  /** The sequence number for a SYN with {@code irs} and {@code mss}. */
  int sequence(FlowKey f, int irs, int mss, long now) {
    int index = 0;
    while (index + 1 < MSS_TABLE.length && MSS_TABLE[index + 1] <= mss) {
      index++;
    }
    int count = (int) (now / PERIOD);
    return hash(outer, f, 0) + irs + (count << 24) + (hash(inner, f, count) + index & LOW);
  }

  /** The MSS in a cookie, or -1 if it is none of ours or too old. */
  int mss(FlowKey f, int irs, int cookie, long now) {
    int count = (int) (now / PERIOD);
    int rest = cookie - hash(outer, f, 0) - irs;
    int age = count - (rest >>> 24) & 0xff;
    if (age >= MAX_AGE) {
      return -1;
    }
    int index = rest - hash(inner, f, count - age) & LOW;
    return index < MSS_TABLE.length ? MSS_TABLE[index] : -1;
  }

  /** A timestamp not later than {@code timestamp} that carries window scale and SACK. */
  static int timestamp(int timestamp, int shift, boolean sack) {
    int bits = (shift < 0 ? NO_SCALE : shift) | (sack ? SACK_BIT : 0);
    int t = timestamp & ~OPTION_BITS | bits;
    return t - timestamp > 0 ? t - OPTION_BITS - 1 : t;
  }

  static int shift(int timestamp) {
    int s = timestamp & NO_SCALE;
    return s == NO_SCALE ? -1 : s;
  }

  static boolean sack(int timestamp) {
    return (timestamp & SACK_BIT) != 0;
  }

  private static int hash(SipHash h, FlowKey f, int count) {
    long ports = (long) f.localPort << 48 | (long) f.remotePort << 32 | count & 0xffff_ffffL;
    return (int) h.hash(f.localHi, f.localLo, f.remoteHi, f.remoteLo, ports);
  }
}
