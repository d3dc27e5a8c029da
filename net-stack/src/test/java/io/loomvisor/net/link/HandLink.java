package io.loomvisor.net.link;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.wire.MacAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/** A link whose other end is the test, which delivers packets one by one or many at once. */
public final class HandLink implements Link {
  public final ArrayDeque<byte[]> sent = new ArrayDeque<>();
  private final PacketPool pool;
  private final MacAddress mac;
  private final int mtu;
  private Receiver receiver;

  /** {@code mac} null: bare IP packets. */
  public HandLink(PacketPool pool, MacAddress mac, int mtu) {
    this.pool = pool;
    this.mac = mac;
    this.mtu = mtu;
  }

  public void deliver(byte[] packet) {
    receiver.receive(buffer(packet));
  }

  public void deliver(List<byte[]> packets) {
    PacketBuffer[] batch = packets.stream().map(this::buffer).toArray(PacketBuffer[]::new);
    receiver.receive(batch, batch.length);
  }

  private PacketBuffer buffer(byte[] packet) {
    PacketBuffer p = pool.acquire(packet.length);
    p.append(packet, 0, packet.length);
    return p;
  }

  @Override
  public Framing framing() {
    return mac == null ? Framing.IP : Framing.ETHERNET;
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
  public void attach(Receiver r) {
    receiver = r;
  }

  @Override
  public void write(PacketBuffer p) {
    sent.add(Arrays.copyOfRange(p.array(), p.start(), p.end()));
    p.release();
  }

  @Override
  public void close() {}
}
