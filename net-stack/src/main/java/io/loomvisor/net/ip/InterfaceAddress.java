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
    return !other.v6() && isBroadcast4(other.intValue());
  }

  boolean isBroadcast4(int other) {
    if (address.v6() || prefixLength >= 31) {
      return false;
    }
    int host = prefixLength == 0 ? -1 : -1 >>> prefixLength;
    int bits = other & host;
    return ((other ^ address.intValue()) & ~host) == 0 && (bits == 0 || bits == host);
  }
}
