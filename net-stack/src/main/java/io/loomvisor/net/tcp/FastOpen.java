package io.loomvisor.net.tcp;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.socket.SipHash;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.IpAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cookies of TCP Fast Open (RFC 7413): those that this stack gives out, which it need not keep, and
 * those that servers gave it. Any thread.
 */
final class FastOpen {
  /** Bits of tcp_fastopen (net/tcp.h). */
  static final int CLIENT = 1;

  static final int SERVER = 2;

  /** The option that asks for a cookie. */
  static final byte[] REQUEST = {};

  private static final int SIZE = 8;

  /** Servers remembered; beyond it all are forgotten, which costs a round trip each. */
  private static final int MAX_KNOWN = 1024;

  private final SipHash secret = SipHash.random();
  private final Map<IpAddress, Known> known = new ConcurrentHashMap<>();

  /** What a server said: its cookie and its MSS (section 4.1.3). */
  record Known(byte[] cookie, int mss) {}

  /** Section 4.1.2: depends on the client's address, and on a secret. */
  byte[] cookie(FlowKey f) {
    byte[] c = new byte[SIZE];
    Bytes.put64(c, 0, secret.hash(f.remoteHi, f.remoteLo, f.localHi, f.localLo, 0));
    return c;
  }

  boolean isValid(FlowKey f, byte[] cookie) {
    return Arrays.equals(cookie, cookie(f));
  }

  void learn(IpAddress server, byte[] cookie, int mss) {
    if (known.size() >= MAX_KNOWN) {
      known.clear();
    }
    known.put(server, new Known(cookie, mss));
  }

  /** Null if the server has not given one. */
  Known known(IpAddress server) {
    return known.get(server);
  }
}
