package io.loomvisor.runtime.network;

import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;
import java.util.List;

/**
 * An interface of the namespace and what it was given.
 *
 * @param kind ARPHRD_ number
 * @param mac null if it has none of six bytes
 * @param alias what somebody has noted about it; null if nobody has
 */
record HostLink(
    int index,
    String name,
    int kind,
    boolean up,
    int mtu,
    MacAddress mac,
    String alias,
    List<Address> addresses,
    List<Way> routes,
    List<Neighbor> neighbors) {
  private static final int ARPHRD_ETHER = 1;
  private static final int ARPHRD_LOOPBACK = 772;

  record Address(IpAddress address, int prefixLength) {}

  /**
   * A route out of this interface.
   *
   * @param gateway null: on link
   * @param source null: whatever fits
   */
  record Way(IpAddress prefix, int length, IpAddress gateway, IpAddress source, int metric) {}

  /** A neighbour that somebody entered by hand. */
  record Neighbor(IpAddress address, MacAddress mac) {}

  boolean isLoopback() {
    return kind == ARPHRD_LOOPBACK;
  }

  boolean isEthernet() {
    return kind == ARPHRD_ETHER && mac != null;
  }
}
