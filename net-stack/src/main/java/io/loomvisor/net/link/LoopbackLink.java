package io.loomvisor.net.link;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.MacAddress;

/** What is written comes back. MTU 65536, as Linux's lo. */
public final class LoopbackLink implements Link {
  public static final int MTU = 65_536;

  private volatile Receiver receiver;

  @Override
  public Framing framing() {
    return Framing.IP;
  }

  @Override
  public int mtu() {
    return MTU;
  }

  @Override
  public MacAddress mac() {
    return null;
  }

  @Override
  public boolean checksumFree() {
    return true;
  }

  @Override
  public boolean isLoopback() {
    return true;
  }

  @Override
  public void attach(Receiver receiver) {
    this.receiver = receiver;
  }

  @Override
  public void write(PacketBuffer packet) {
    Receiver r = receiver;
    if (r == null) {
      packet.release();
    } else {
      r.receive(packet);
    }
  }

  @Override
  public void close() {
    receiver = null;
  }
}
