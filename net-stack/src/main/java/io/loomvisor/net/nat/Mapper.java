package io.loomvisor.net.nat;

import io.loomvisor.net.conntrack.Connection;
import io.loomvisor.net.conntrack.Tracker;
import io.loomvisor.net.conntrack.Tuple;
import io.loomvisor.net.socket.SipHash;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Chooses what a new connection is translated to, so that its answers belong to no other one. Only
 * the firewall's actor calls it.
 */
public final class Mapper {
  /** Ports tried; a table in which so many are taken for one destination is nearly full anyway. */
  private static final int ATTEMPTS = 2048;

  private static final SipHash HASH = SipHash.random();

  private final Tracker tracker;
  private final Random random;

  /**
   * Where the last connection from an inside address and port was translated to (RFC 4787 REQ-1).
   */
  private final Map<Inside, Outside> mappings = new HashMap<>();

  private record Inside(int protocol, IpAddress address, int port) {}

  private record Outside(IpAddress address, int port, Connection by) {}

  /** {@code random}: where the search for a free port starts. */
  public Mapper(Tracker tracker, Random random) {
    this.tracker = tracker;
    this.random = random;
  }

  /**
   * Translates the source or destination of {@code c}.
   *
   * @return false if everything is taken; its packet must be dropped
   */
  public boolean map(Connection c, NatRange range, boolean source) {
    Tuple now = c.translated();
    Tuple wanted = source ? source(c, now, range) : destination(c, now, range);
    if (wanted == null) {
      return false;
    }
    c.decided(source);
    if (!wanted.equals(now)) {
      c.translate(wanted, source);
    }
    if (source && c.sourceTranslated() && !range.random()) {
      if (mappings.size() >= tracker.settings().max) {
        mappings.clear();
      }
      Outside o = new Outside(wanted.source(), wanted.sourcePort(), c);
      mappings.put(new Inside(now.protocol(), now.source(), now.sourcePort()), o);
    }
    return true;
  }

  /** To be called now and then: forgets mappings whose connection is gone. */
  public void forgetEnded() {
    mappings.values().removeIf(o -> tracker.find(o.by.original()) != o.by);
  }

  private Tuple source(Connection c, Tuple now, NatRange range) {
    if (!range.random()) {
      boolean fits = range.contains(now.source()) && range.containsPort(now.sourcePort());
      if (fits && isFree(now, c)) {
        return now;
      }
      Outside o = mappings.get(new Inside(now.protocol(), now.source(), now.sourcePort()));
      if (o != null && range.contains(o.address) && range.containsPort(o.port)) {
        Tuple same = now.withSource(o.address, o.port);
        if (isFree(same, c)) {
          return same;
        }
      }
    }
    IpAddress to = range.first() == null ? now.source() : range.pick(hash(now, true));
    return port(c, now.withSource(to, now.sourcePort()), range, true);
  }

  private Tuple destination(Connection c, Tuple now, NatRange range) {
    IpAddress to = now.destination();
    if (range.first() != null) {
      to = range.pick(hash(now, range.persistent()));
    }
    return port(c, now.withDestination(to, now.destinationPort()), range, false);
  }

  /** Addresses of a pool are paired: by the source alone for source translation (REQ-2). */
  private static long hash(Tuple t, boolean bySourceOnly) {
    IpAddress d = bySourceOnly ? t.source() : t.destination();
    return HASH.hash(t.source().hi(), t.source().lo(), d.hi(), d.lo(), 0);
  }

  /** {@code t} if it is free and in range, otherwise with another port; null if there is none. */
  private Tuple port(Connection c, Tuple t, NatRange range, boolean source) {
    boolean numbered = t.hasPorts() || t.isIcmp() && source;
    int port = source ? t.sourcePort() : t.destinationPort();
    boolean keep = !numbered || range.containsPort(port) && !range.random();
    if (keep && isFree(t, c)) {
      return t;
    }
    if (!numbered || !source && !range.hasPorts()) {
      return null;
    }
    int first = range.firstPort();
    int last = range.lastPort();
    if (!range.hasPorts()) {
      // RFC 4787 REQ-3 (a): a port stays in its class.
      boolean id = t.isIcmp();
      first = id ? 0 : port < 512 ? 1 : port < 1024 ? 600 : 1024;
      last = id || port >= 1024 ? 65_535 : port < 512 ? 511 : 1023;
    }
    return search(c, t, first, last, source);
  }

  private Tuple search(Connection c, Tuple t, int first, int last, boolean source) {
    int n = last - first + 1;
    int port = source ? t.sourcePort() : t.destinationPort();
    int start = random.nextInt(n);
    // RFC 4787 REQ-4: an even port stays even, an odd one odd, as long as there are any.
    boolean byParity = source && t.protocol() == IpProtocol.UDP;
    for (int pass = 0; pass < (byParity ? 2 : 1); pass++) {
      int tried = 0;
      for (int i = 0; i < n && tried < ATTEMPTS; i++) {
        int p = first + (start + i) % n;
        if (byParity && (p + port & 1) != pass) {
          continue;
        }
        tried++;
        Tuple candidate =
            source ? t.withSource(t.source(), p) : t.withDestination(t.destination(), p);
        if (isFree(candidate, c)) {
          return candidate;
        }
      }
    }
    return null;
  }

  private boolean isFree(Tuple translated, Connection c) {
    return !tracker.isTaken(translated.inverse(), c);
  }
}
