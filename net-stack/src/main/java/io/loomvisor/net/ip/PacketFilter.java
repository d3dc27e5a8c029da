package io.loomvisor.net.ip;

import io.loomvisor.net.buffer.PacketBuffer;

/**
 * What looks at packets between the steps of the network layer, at the five places where Linux's
 * netfilter does. The layer has one only while there is something to look for, so that packets cost
 * nothing more where there are no rules. Called on any thread; must not wait.
 */
public interface PacketFilter {
  /** True if fragments are to be put together before {@link #prerouting}. */
  boolean wantsWhole(boolean v6);

  /**
   * Becomes the owner of a packet that came in, at its IP header, with its flow's addresses set. If
   * it may go on, it does so by {@link IpLayer#route}.
   */
  void prerouting(Nic in, PacketBuffer p);

  /**
   * About a packet for this host, at its IP header.
   *
   * @return false if it must not go on; it is released then
   */
  boolean input(Nic in, PacketBuffer p);

  /**
   * As {@link #input}, about one that is to leave by {@code out}; what follows routing included.
   */
  boolean forward(Nic in, Path out, PacketBuffer p);

  /**
   * Becomes the owner of a packet of this host's, at its IP header. If it may go on, it does so by
   * {@link IpLayer#emit}.
   */
  void output(Path out, PacketBuffer p);
}
