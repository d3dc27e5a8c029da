package io.loomvisor.net.ip;

import io.loomvisor.net.wire.IpAddress;

/**
 * Where a packet goes: interface, next hop, own address, and the largest IP packet that gets there
 * whole as far as is known. {@code broadcast}: the destination is an IPv4 broadcast address.
 */
public record Path(Nic nic, IpAddress nextHop, IpAddress source, int mtu, boolean broadcast) {
  /** The MTU as applications are told: that of an interface may be more than a packet can be. */
  public int shownMtu() {
    return mtu == nic.mtu() ? nic.linkMtu() : mtu;
  }
}
