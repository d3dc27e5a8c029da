package io.loomvisor.net.ip;

import io.loomvisor.net.wire.IpAddress;

/** One route. {@code gateway} and {@code source} may be null: on link, and chosen by RFC 6724. */
public record Route(
    IpAddress prefix, int length, IpAddress gateway, int nicId, IpAddress source, int metric) {
  public Route {
    if (!prefix.masked(length).equals(prefix)) {
      throw new IllegalArgumentException(prefix + "/" + length + " has host bits set");
    }
    if (gateway != null && gateway.v6() != prefix.v6()) {
      throw new IllegalArgumentException("gateway of the other IP version");
    }
  }

  public static Route onLink(IpAddress prefix, int length, int nicId) {
    return new Route(prefix.masked(length), length, null, nicId, null, 0);
  }

  public static Route via(IpAddress prefix, int length, IpAddress gateway, int nicId) {
    return new Route(prefix.masked(length), length, gateway, nicId, null, 0);
  }

  /** The default route by way of {@code gateway}. */
  public static Route toDefault(IpAddress gateway, int nicId) {
    return via(IpAddress.any(gateway.v6()), 0, gateway, nicId);
  }
}
