package io.loomvisor.net.link;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.MacAddress;

/**
 * Two ends in one process: what is written at one is received at the other, at once and on the same
 * thread.
 */
public final class PipeLink implements Link {
  private final Framing framing;
  private final int mtu;
  private final int segmentationLimit;
  private final MacAddress mac;
  private PipeLink peer;

  /** Published to the thread that writes at the other end. */
  private volatile Receiver receiver;

  private PipeLink(Framing framing, int mtu, int segmentationLimit, MacAddress mac) {
    this.framing = framing;
    this.mtu = mtu;
    this.segmentationLimit = segmentationLimit;
    this.mac = mac;
  }

  /** Both ends of a pipe that carries bare IP packets. */
  public static PipeLink[] ip(int mtu) {
    return connect(new PipeLink(Framing.IP, mtu, 0, null), new PipeLink(Framing.IP, mtu, 0, null));
  }

  /** As {@link #ip}, taking TCP data in units of up to 64 KiB as a virtual Ethernet pair does. */
  public static PipeLink[] ipWithOffload(int mtu) {
    return connect(
        new PipeLink(Framing.IP, mtu, 65_535, null), new PipeLink(Framing.IP, mtu, 65_535, null));
  }

  /** Both ends of an Ethernet segment of two stations. */
  public static PipeLink[] ethernet(int mtu, MacAddress a, MacAddress b) {
    return connect(
        new PipeLink(Framing.ETHERNET, mtu, 0, a), new PipeLink(Framing.ETHERNET, mtu, 0, b));
  }

  private static PipeLink[] connect(PipeLink a, PipeLink b) {
    a.peer = b;
    b.peer = a;
    return new PipeLink[] {a, b};
  }

  @Override
  public Framing framing() {
    return framing;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public MacAddress mac() {
    return mac;
  }

  @Override
  public int segmentationLimit() {
    return segmentationLimit;
  }

  @Override
  public boolean checksumFree() {
    return segmentationLimit > 0;
  }

  @Override
  public void attach(Receiver receiver) {
    this.receiver = receiver;
  }

  @Override
  public void write(PacketBuffer packet) {
    Receiver r = peer.receiver;
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
