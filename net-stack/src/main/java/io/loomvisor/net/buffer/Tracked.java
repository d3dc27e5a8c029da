package io.loomvisor.net.buffer;

/** What connection tracking has attached to a packet. */
public interface Tracked {
  /**
   * What an answer to the packet that the stack itself makes belongs to.
   *
   * @param error true for an ICMP error about it, false for a segment that answers it
   */
  Tracked answer(boolean error);
}
