package io.loomvisor.net.neighbor;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.MacAddress;

/**
 * What a neighbour cache needs of its interface. Called inside the cache's mailbox; must only send
 * messages.
 */
public interface Resolver {
  /** Asks for {@code target}: all stations if {@code at} is null, otherwise that one. */
  void solicit(IpAddress target, MacAddress at);

  /** Sends a packet whose address has become known. */
  void transmit(PacketBuffer packet, MacAddress to);

  /** Becomes the owner of a packet whose next hop does not answer. */
  void unreachable(PacketBuffer packet);
}
