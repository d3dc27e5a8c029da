package io.loomvisor.net.ip;

import io.loomvisor.net.wire.IpAddress;

/**
 * What an ICMP error said about a packet of ours.
 *
 * @param mtu next-hop MTU of {@link Kind#TOO_BIG}, otherwise 0
 * @param offender who sent it
 * @param packet what it quotes of the packet, from the transport header on
 */
public record IcmpError(Kind kind, int type, int code, int mtu, IpAddress offender, byte[] packet) {
  /**
   * With the errno Linux gives for it (net/ipv4/icmp.c icmp_err_convert) and whether it ends a
   * connection attempt.
   */
  public enum Kind {
    NET_UNREACHABLE(101, false),
    HOST_UNREACHABLE(113, false),
    PROTOCOL_UNREACHABLE(92, true),
    PORT_UNREACHABLE(111, true),
    TOO_BIG(90, false),
    SOURCE_ROUTE_FAILED(95, false),
    PROHIBITED(13, true),
    TIME_EXCEEDED(113, false),
    PARAMETER_PROBLEM(71, true);

    private final int errno;
    private final boolean hard;

    Kind(int errno, boolean hard) {
      this.errno = errno;
      this.hard = hard;
    }

    public int errno() {
      return errno;
    }

    public boolean hard() {
      return hard;
    }
  }
}
