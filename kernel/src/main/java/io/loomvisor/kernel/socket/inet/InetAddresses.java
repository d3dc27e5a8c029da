package io.loomvisor.kernel.socket.inet;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.socket.SocketAddress;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.vfs.socket.SocketAbi;

/**
 * Internet addresses as the application passes them; ports and addresses in network order:
 *
 * <pre>
 *   0        2      4       8            24         28
 *   | family | port | addr4 | zero (8)              struct sockaddr_in
 *   | family | port | flow  | addr6      | scope |  struct sockaddr_in6
 * </pre>
 */
final class InetAddresses {
  private static final int SIZE4 = 16;
  private static final int SIZE6 = 28;

  /** SIN6_LEN_RFC2133: without the scope it is taken too. */
  private static final int LEAST6 = 24;

  private static final int ADDRESS4 = 4;
  private static final int ADDRESS6 = 8;

  private InetAddresses() {}

  static int family(byte[] raw) {
    return raw[0] & 0xff | (raw[1] & 0xff) << 8;
  }

  private static int port(byte[] raw) {
    return (raw[2] & 0xff) << 8 | raw[3] & 0xff;
  }

  /** A sockaddr_in: EINVAL if it is too short, EAFNOSUPPORT if it is of another family. */
  static SocketAddress parse4(byte[] raw) {
    if (raw.length < SIZE4) {
      throw Errno.EINVAL.exception();
    }
    if (family(raw) != SocketAbi.AF_INET) {
      throw Errno.EAFNOSUPPORT.exception();
    }
    return read4(raw);
  }

  /** As {@link #parse4}, whatever the family says. */
  static SocketAddress read4(byte[] raw) {
    return new SocketAddress(IpAddress.read(raw, ADDRESS4, false), port(raw));
  }

  /** A sockaddr_in6. */
  static SocketAddress parse6(byte[] raw) {
    if (raw.length < LEAST6) {
      throw Errno.EINVAL.exception();
    }
    if (family(raw) != SocketAbi.AF_INET6) {
      throw Errno.EAFNOSUPPORT.exception();
    }
    return new SocketAddress(IpAddress.read(raw, ADDRESS6, true), port(raw));
  }

  /** An address of a socket of the family {@code v6} says. */
  static SocketAddress parse(byte[] raw, boolean v6) {
    return v6 ? parse6(raw) : parse4(raw);
  }

  /** As getsockname(2) returns it. */
  static byte[] toBytes(SocketAddress a, boolean v6) {
    byte[] raw = new byte[v6 ? SIZE6 : SIZE4];
    raw[0] = (byte) (v6 ? SocketAbi.AF_INET6 : SocketAbi.AF_INET);
    raw[2] = (byte) (a.port() >> 8);
    raw[3] = (byte) a.port();
    IpAddress address = a.address();
    if (v6 && !address.v6()) {
      address = address.isUnspecified() ? IpAddress.ANY6 : address.mapped();
    }
    address.write(raw, v6 ? ADDRESS6 : ADDRESS4);
    return raw;
  }
}
