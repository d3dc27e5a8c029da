package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.PacketBuffer;

/** Sees every frame that an interface sends or receives. Called on any thread. */
public interface FrameTap {
  /**
   * Looks at a frame without becoming its owner: {@code frame} starts with an Ethernet header, that
   * of an interface without one being zeros and the type; {@code frame.etherType} is set.
   */
  void frame(Nic nic, PacketBuffer frame, boolean outgoing);
}
