package io.loomvisor.net.nat;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.conntrack.Connection;
import io.loomvisor.net.conntrack.Tracking;
import io.loomvisor.net.conntrack.Tuple;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.IpView;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Udp;

/** Makes packets look as their connection is translated. Doing it twice changes nothing more. */
public final class Rewriter {
  private Rewriter() {}

  /**
   * Writes the source or the destination of a packet that starts at its IP header.
   *
   * @return true if it may have changed
   */
  public static boolean translate(PacketBuffer p, IpView v, Tracking t, boolean source) {
    Connection c = t.connection();
    boolean ofSource = source != t.reply();
    if (ofSource ? !c.sourceTranslated() : !c.destinationTranslated()) {
      return false;
    }
    Tuple other = c.tuple(!t.reply());
    Tuple target = other.inverse();
    IpAddress address = source ? target.source() : target.destination();
    byte[] a = p.array();
    if (t.state() != Tracking.State.RELATED) {
      boolean first = source || target.isIcmp();
      write(p, v, address, first ? target.sourcePort() : target.destinationPort(), source);
      return true;
    }
    IpView quoted = IpView.of(a, v.transport() + Icmp4.HEADER, v.end());
    if (quoted != null) {
      IpAddress inner = source ? other.destination() : other.source();
      int port = source && !other.isIcmp() ? other.destinationPort() : other.sourcePort();
      writeQuoted(a, quoted, inner, port, !source);
    }
    write(p, v, address, -1, source);
    int at = v.transport();
    long pseudo =
        v.v6()
            ? Checksum.pseudo(v.source(a), v.destination(a), IpProtocol.ICMPV6, v.end() - at)
            : 0;
    Bytes.put16(a, at + 2, 0);
    Bytes.put16(a, at + 2, Checksum.finish(Checksum.add(pseudo, a, at, v.end() - at)));
    return true;
  }

  private static int addressAt(IpView v, boolean source) {
    return v.at() + (v.v6() ? source ? 8 : 24 : source ? 12 : 16);
  }

  /** {@code port} -1: there is none to change. */
  private static void write(PacketBuffer p, IpView v, IpAddress address, int port, boolean source) {
    byte[] a = p.array();
    boolean partial = p.checksumStart == v.transport() && p.checksumStart != 0;
    long change = replaceAddress(a, v, address, source);
    if (!v.v6()) {
      Ipv4.writeChecksum(a, v.at());
    }
    if (port < 0) {
      return;
    }
    if (partial) {
      // It holds the sum of the pseudo-header; the ports are yet to be added.
      int at = p.checksumField;
      long sum = Checksum.add16(change, Bytes.u16(a, at));
      Bytes.put16(a, at, ~Checksum.finish(sum) & 0xffff);
      replacePort(a, v, port, source);
      return;
    }
    boolean pseudo = v.protocol() != IpProtocol.ICMP;
    adjust(a, v, (pseudo ? change : 0) + replacePort(a, v, port, source));
  }

  /** RFC 5508 REQ-4 (b) and REQ-5: the quoted packet, of which parts may be missing. */
  private static void writeQuoted(byte[] a, IpView q, IpAddress address, int port, boolean source) {
    long change = replaceAddress(a, q, address, source);
    if (!q.v6()) {
      Ipv4.writeChecksum(a, q.at());
    }
    boolean pseudo = q.protocol() != IpProtocol.ICMP;
    adjust(a, q, (pseudo ? change : 0) + replacePort(a, q, port, source));
  }

  /** Returns the sum of what the new bytes add and the old ones take (RFC 1624 section 3). */
  private static long replaceAddress(byte[] a, IpView v, IpAddress to, boolean source) {
    int at = addressAt(v, source);
    int n = v.v6() ? 16 : 4;
    long change = minus(a, at, n);
    to.write(a, at);
    return Checksum.add(change, a, at, n);
  }

  private static long replacePort(byte[] a, IpView v, int port, boolean source) {
    boolean id = v.isIcmp();
    if (!v.has(8) || !id && !v.hasPorts()) {
      return 0;
    }
    int at = v.transport() + (id ? 4 : source ? 0 : 2);
    long change = minus(a, at, 2);
    Bytes.put16(a, at, port);
    return Checksum.add(change, a, at, 2);
  }

  private static long minus(byte[] a, int at, int n) {
    long sum = 0;
    for (int i = 0; i < n; i += 2) {
      sum = Checksum.add16(sum, ~Bytes.u16(a, at + i) & 0xffff);
    }
    return sum;
  }

  /** Makes the transport's checksum right again, if it is there and was one. */
  private static void adjust(byte[] a, IpView v, long change) {
    int field = v.checksumField();
    if (field < 0 || !v.has(field + 2)) {
      return;
    }
    int at = v.transport() + field;
    int old = Bytes.u16(a, at);
    boolean udp = v.protocol() == IpProtocol.UDP;
    if (udp && Udp.checksum(a, v.transport()) == 0) {
      return;
    }
    int sum = Checksum.finish(Checksum.add16(change, ~old & 0xffff));
    Bytes.put16(a, at, udp && sum == 0 ? 0xffff : sum);
  }
}
