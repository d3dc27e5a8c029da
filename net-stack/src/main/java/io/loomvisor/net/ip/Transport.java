package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;

/** A protocol above IP. Called on any thread; must not wait. */
public interface Transport {
  /**
   * Becomes the owner of a packet that starts at the transport header, addressed to this host (or
   * to a group or to all), with {@code flow}'s addresses, {@code networkOffset}, {@code ttl} and
   * {@code nicId} set.
   */
  void receive(PacketBuffer packet);

  /**
   * An ICMP error about a packet of {@code flow}; {@code sequence}: the four bytes after the ports.
   */
  void error(FlowKey flow, int sequence, IcmpError error);
}
