package io.loomvisor.runtime.network;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.link.Link;
import io.loomvisor.net.wire.MacAddress;

/**
 * Stands for an interface that the host's kernel has to itself: it can be looked at, and nothing
 * comes or goes.
 *
 * @param mac null if it has none
 */
record DeafLink(int mtu, MacAddress mac) implements Link {
  @Override
  public Framing framing() {
    return mac == null ? Framing.IP : Framing.ETHERNET;
  }

  @Override
  public void attach(Receiver receiver) {}

  @Override
  public void write(PacketBuffer packet) {
    packet.release();
  }

  @Override
  public void close() {}
}
