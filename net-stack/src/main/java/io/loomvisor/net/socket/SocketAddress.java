package io.loomvisor.net.socket;

import io.loomvisor.net.wire.IpAddress;

/**
 * An address with a port. An IPv6 endpoint that talks IPv4 reports IPv4-mapped addresses, as Linux
 * does.
 */
public record SocketAddress(IpAddress address, int port) {
  public SocketAddress {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port);
    }
  }

  /** {@code 10.0.0.1:80} or {@code [fd00::1]:80}. */
  public static SocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("no port in " + text);
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return new SocketAddress(IpAddress.parse(host), Integer.parseInt(text.substring(colon + 1)));
  }

  @Override
  public String toString() {
    return address.v6() ? "[" + address + "]:" + port : address + ":" + port;
  }
}
