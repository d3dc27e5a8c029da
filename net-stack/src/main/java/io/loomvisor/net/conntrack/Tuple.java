package io.loomvisor.net.conntrack;

import io.loomvisor.net.socket.SipHash;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.IpView;

/**
 * What the packets of one direction have in common. For ICMP queries the source port is the
 * identifier and the destination port is type and code; other protocols without ports have zeros.
 */
public record Tuple(
    int protocol, IpAddress source, int sourcePort, IpAddress destination, int destinationPort) {
  /** So that nobody can choose what collides. */
  private static final SipHash HASH = SipHash.random();

  /** Null if the packet is too short, a later fragment, or an ICMP message that is no query. */
  static Tuple of(byte[] a, IpView v) {
    IpAddress from = v.source(a);
    IpAddress to = v.destination(a);
    int t = v.transport();
    if (v.protocol() == IpProtocol.TCP || v.protocol() == IpProtocol.UDP) {
      return v.has(8)
          ? new Tuple(v.protocol(), from, Bytes.u16(a, t), to, Bytes.u16(a, t + 2))
          : null;
    }
    if (v.isIcmp()) {
      if (!v.has(8) || answerOf(v.protocol(), Bytes.u8(a, t)) < 0) {
        return null;
      }
      return new Tuple(v.protocol(), from, Bytes.u16(a, t + 4), to, Bytes.u16(a, t));
    }
    return v.later() ? null : new Tuple(v.protocol(), from, 0, to, 0);
  }

  /** The tuple of what answers this one. */
  public Tuple inverse() {
    if (!isIcmp()) {
      return new Tuple(protocol, destination, destinationPort, source, sourcePort);
    }
    int type = answerOf(protocol, destinationPort >>> 8);
    int code = destinationPort & 0xff;
    return new Tuple(protocol, destination, sourcePort, source, type << 8 | code);
  }

  public Tuple withSource(IpAddress address, int port) {
    return new Tuple(protocol, address, port, destination, destinationPort);
  }

  public Tuple withDestination(IpAddress address, int port) {
    return new Tuple(protocol, source, sourcePort, address, port);
  }

  public boolean isIcmp() {
    return protocol == (source.v6() ? IpProtocol.ICMPV6 : IpProtocol.ICMP);
  }

  public boolean hasPorts() {
    return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
  }

  /** True if it is an ICMP message that asks, rather than one that answers. */
  boolean isQuery() {
    int type = destinationPort >>> 8;
    return type == (source.v6() ? Icmp6.ECHO_REQUEST : Icmp4.ECHO_REQUEST)
        || !source.v6() && (type == 13 || type == 15 || type == 17);
  }

  /** Echo, timestamp, information and address mask come in pairs (RFC 792, RFC 950). */
  private static int answerOf(int protocol, int type) {
    if (protocol == IpProtocol.ICMPV6) {
      return type == Icmp6.ECHO_REQUEST || type == Icmp6.ECHO_REPLY ? type ^ 1 : -1;
    }
    return switch (type) {
      case 0 -> 8;
      case 8 -> 0;
      case 13, 15, 17 -> type + 1;
      case 14, 16, 18 -> type - 1;
      default -> -1;
    };
  }

  @Override
  public int hashCode() {
    long ports = (long) sourcePort << 32 | destinationPort << 8 | protocol;
    long h = HASH.hash(source.hi(), source.lo(), destination.hi(), destination.lo(), ports);
    return (int) (h ^ h >>> 32);
  }
}
