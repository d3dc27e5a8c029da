package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;

/** Sees every packet for this host before its transport does. Called on any thread. */
public interface RawTap {
  /**
   * Looks at a packet that starts behind its IP headers, without becoming its owner.
   *
   * @return true if somebody took a copy, so that the protocol is not an unknown one
   */
  boolean delivered(PacketBuffer packet, int protocol);

  /** An ICMP error about a packet of this host's; {@code flow} has its addresses. */
  void failed(FlowKey flow, int protocol, IcmpError error);
}
