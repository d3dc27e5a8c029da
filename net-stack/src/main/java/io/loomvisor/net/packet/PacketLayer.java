package io.loomvisor.net.packet;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.ip.FrameTap;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.wire.Ethernet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Offers the frames of all interfaces to the packet endpoints. Any thread. */
public final class PacketLayer implements FrameTap {
  private final IpLayer ip;
  private final CopyOnWriteArrayList<PacketEndpoint> endpoints = new CopyOnWriteArrayList<>();
  private final AtomicInteger lastId = new AtomicInteger();

  public PacketLayer(IpLayer ip) {
    this.ip = ip;
  }

  /**
   * A new endpoint.
   *
   * @param cooked without Ethernet headers (SOCK_DGRAM)
   * @param protocol EtherType; {@link PacketEndpoint#ALL}; 0: none until it is bound
   */
  public PacketEndpoint open(boolean cooked, int protocol) {
    PacketEndpoint e = new PacketEndpoint(ip, this, lastId.incrementAndGet(), cooked, protocol);
    endpoints.add(e);
    // Interfaces that nobody has ever watched do without the look at the list.
    ip.tapFrames(this);
    return e;
  }

  /** Those that are open. */
  public List<PacketEndpoint> endpoints() {
    return List.copyOf(endpoints);
  }

  void closed(PacketEndpoint e) {
    endpoints.remove(e);
  }

  @Override
  public void frame(Nic nic, PacketBuffer frame, boolean outgoing) {
    if (endpoints.isEmpty()) {
      return;
    }
    long destination = Ethernet.destination(frame.array(), frame.start());
    PacketType type = PacketType.of(nic, destination, outgoing);
    for (PacketEndpoint e : endpoints) {
      e.offer(nic, frame, type);
    }
  }
}
