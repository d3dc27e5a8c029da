package io.loomvisor.net.wire;

/**
 * Where the parts of an IP packet are, of a whole one or of the beginning that an ICMP error
 * quotes.
 *
 * @param at where the IP header starts
 * @param end where the packet ends, or what there is of it
 * @param protocol of the transport; for a later fragment, what its header says
 * @param transport where the transport header starts, or would start
 * @param fragment true if it is one
 * @param later true if it is a fragment other than the first, so without a transport header
 */
public record IpView(
    boolean v6, int at, int end, int protocol, int transport, boolean fragment, boolean later) {

  /** Null if the headers do not lie inside {@code [at, end)}. */
  public static IpView of(byte[] a, int at, int end) {
    if (at >= end) {
      return null;
    }
    return switch (Bytes.u8(a, at) >>> 4) {
      case 4 -> of4(a, at, end);
      case 6 -> of6(a, at, end);
      default -> null;
    };
  }

  private static IpView of4(byte[] a, int at, int end) {
    if (end - at < Ipv4.MIN_HEADER) {
      return null;
    }
    int header = Ipv4.headerLength(a, at);
    if (header < Ipv4.MIN_HEADER || at + header > end) {
      return null;
    }
    boolean later = Ipv4.fragmentOffset(a, at) != 0;
    int protocol = Ipv4.protocol(a, at);
    return new IpView(false, at, end, protocol, at + header, Ipv4.isFragment(a, at), later);
  }

  private static IpView of6(byte[] a, int at, int end) {
    if (end - at < Ipv6.HEADER) {
      return null;
    }
    Ipv6.Extensions e = Ipv6.walk(a, at, end, Ipv6.nextHeader(a, at), at + Ipv6.HEADER);
    if (e.problem() != Ipv6.Extensions.NO_PROBLEM) {
      // Only whoever it is for may say that it is malformed; its transport is not known.
      return new IpView(true, at, end, IpProtocol.NONE, end, false, true);
    }
    if (e.next() != IpProtocol.FRAGMENT) {
      return new IpView(true, at, end, e.next(), e.position(), false, false);
    }
    int f = e.position();
    if (f + Ipv6.FRAGMENT_HEADER > end) {
      return null;
    }
    boolean later = (Bytes.u16(a, f + 2) & 0xfff8) != 0;
    int transport = f + Ipv6.FRAGMENT_HEADER;
    if (later) {
      return new IpView(true, at, end, Bytes.u8(a, f), transport, true, true);
    }
    Ipv6.Extensions r = Ipv6.walk(a, at, end, Bytes.u8(a, f), transport);
    boolean known = r.problem() == Ipv6.Extensions.NO_PROBLEM;
    return new IpView(true, at, end, r.next(), r.position(), true, !known);
  }

  /** True if the transport header's first {@code n} bytes are there. */
  public boolean has(int n) {
    return !later && transport + n <= end;
  }

  public IpAddress source(byte[] a) {
    return IpAddress.read(a, v6 ? at + 8 : at + 12, v6);
  }

  public IpAddress destination(byte[] a) {
    return IpAddress.read(a, v6 ? at + 24 : at + 16, v6);
  }

  public boolean isIcmp() {
    return protocol == (v6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP);
  }

  /** True if its transport is one whose ports this stack knows. */
  public boolean hasPorts() {
    return (protocol == IpProtocol.TCP || protocol == IpProtocol.UDP) && has(8);
  }

  /** Where the transport's checksum is, relative to its header; -1 if it has none. */
  public int checksumField() {
    return switch (protocol) {
      case IpProtocol.TCP -> Tcp.CHECKSUM;
      case IpProtocol.UDP -> 6;
      case IpProtocol.ICMP, IpProtocol.ICMPV6 -> 2;
      default -> -1;
    };
  }
}
