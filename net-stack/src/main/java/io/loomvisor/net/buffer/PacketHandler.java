package io.loomvisor.net.buffer;

/** A mailbox that takes packets as messages. */
public interface PacketHandler {
  /** Runs inside the mailbox and becomes the owner of {@code packet}. */
  void onPacket(PacketBuffer packet);
}
