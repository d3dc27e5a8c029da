package io.loomvisor.net.udp;

import io.loomvisor.net.buffer.PacketBuffer;

/**
 * Chooses among packets before they are queued (SO_ATTACH_FILTER). Called inside of the endpoint's
 * mailbox; must not block, nor change the packet.
 */
@FunctionalInterface
public interface MessageFilter {
  MessageFilter ALL = packet -> -1;

  /**
   * Bytes to keep of a packet that starts where its endpoint's protocol does, counted without sign;
   * 0: it is not wanted.
   */
  int keep(PacketBuffer packet);
}
