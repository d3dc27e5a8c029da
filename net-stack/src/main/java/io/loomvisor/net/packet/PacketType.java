package io.loomvisor.net.packet;

import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.wire.MacAddress;

/** Whom a frame is for (linux/if_packet.h); the order is that of the numbers there. */
public enum PacketType {
  HOST,
  BROADCAST,
  MULTICAST,
  OTHER_HOST,
  OUTGOING;

  /** eth_type_trans; a loopback has the address, and the broadcast address, 0. */
  static PacketType of(Nic nic, long destination, boolean outgoing) {
    if (outgoing) {
      return OUTGOING;
    }
    boolean ethernet = nic.mac() != null;
    if ((destination >>> 40 & 1) != 0) {
      return ethernet && destination == MacAddress.BROADCAST.value() ? BROADCAST : MULTICAST;
    }
    return destination == (ethernet ? nic.mac().value() : 0) ? HOST : OTHER_HOST;
  }
}
