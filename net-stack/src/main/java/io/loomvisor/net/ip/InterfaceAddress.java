package io.loomvisor.net.ip;

import io.loomvisor.net.wire.IpAddress;

/** An address of an interface with the length of its on-link prefix. */
public record InterfaceAddress(IpAddress address, int prefixLength, State state) {
  /** RFC 4862 section 2. */
  public enum State {
    /** Not yet known to be unique: neither source nor destination of ordinary packets. */
    TENTATIVE,
    PREFERRED,
    DEPRECATED
  }

  public InterfaceAddress {
    if (prefixLength < 0
        || prefixLength > address.bits()
        || address.isMulticast()
        || address.isUnspecified()) {
      throw new IllegalArgumentException(address + "/" + prefixLength);
    }
  }

  public boolean onLink(IpAddress other) {
    return other.v6() == address.v6()
        && other.masked(prefixLength).equals(address.masked(prefixLength));
  }

  /**
   * True for the IPv4 broadcast address, or network address, of this prefix (RFC 1122 section
   * 3.3.6).
   */
  public boolean isBroadcast(IpAddress other) {
    return !address.v6()
        && !other.v6()
        && prefixLength < 31
        && onLink(other)
        && (other.equals(address.broadcast(prefixLength))
            || other.equals(address.masked(prefixLength)));
  }
}
