package io.loomvisor.net.link;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.wire.MacAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wraps a link and records both directions in pcap format (draft-ietf-opsawg-pcap) with nanosecond
 * time stamps. A write error ends the recording, not the traffic.
 */
public final class PcapLink extends Mailbox implements Link {
  private static final Logger LOG = LoggerFactory.getLogger(PcapLink.class);
  private static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
  private static final int LINKTYPE_ETHERNET = 1;
  private static final int LINKTYPE_RAW = 101;
  private static final int SNAP_LENGTH = 262_144;

  /** Bytes that may wait for a slow stream. */
  static final long MAX_WAITING = 16 << 20;

  private final Link inner;
  private final OutputStream out;
  private final LongSupplier epochNanos;
  private final AtomicLong waiting = new AtomicLong();
  private final LongAdder unrecorded = new LongAdder();
  private boolean failed;

  /**
   * {@code epochNanos}: time stamps, nanoseconds since 1970. The stream is closed with the link.
   */
  public PcapLink(Link inner, OutputStream out, LongSupplier epochNanos) {
    this.inner = inner;
    this.out = out;
    this.epochNanos = epochNanos;
    ByteBuffer h = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    int type = inner.framing() == Framing.ETHERNET ? LINKTYPE_ETHERNET : LINKTYPE_RAW;
    h.putInt(MAGIC_NANOSECONDS).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0);
    h.putInt(SNAP_LENGTH).putInt(type);
    emit(h.array());
  }

  /** Packets that were not recorded because the stream did not keep up. */
  public long unrecorded() {
    return unrecorded.sum();
  }

  private void record(PacketBuffer packet) {
    int size = 16 + packet.length();
    if (waiting.get() > MAX_WAITING) {
      unrecorded.increment();
      return;
    }
    waiting.addAndGet(size);
    byte[] r = new byte[size];
    long t = epochNanos.getAsLong();
    ByteBuffer.wrap(r)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) (t / 1_000_000_000L))
        .putInt((int) (t % 1_000_000_000L))
        .putInt(packet.length())
        .putInt(packet.length())
        .put(packet.array(), packet.start(), packet.length());
    tell(
        () -> {
          waiting.addAndGet(-size);
          emit(r);
        });
  }

  private void emit(byte[] bytes) {
    if (failed) {
      return;
    }
    try {
      out.write(bytes);
    } catch (IOException e) {
      failed = true;
      LOG.warn("packet recording stopped: {}", e.toString());
    }
  }

  @Override
  public void attach(Receiver receiver) {
    inner.attach(
        new Receiver() {
          @Override
          public void receive(PacketBuffer p) {
            record(p);
            receiver.receive(p);
          }

          @Override
          public void receive(PacketBuffer[] packets, int n) {
            for (int i = 0; i < n; i++) {
              record(packets[i]);
            }
            receiver.receive(packets, n);
          }
        });
  }

  @Override
  public void write(PacketBuffer packet) {
    record(packet);
    inner.write(packet);
  }

  @Override
  public void close() {
    inner.close();
    tell(
        () -> {
          try {
            out.close();
          } catch (IOException e) {
            LOG.warn("packet recording not closed cleanly: {}", e.toString());
          }
          failed = true;
        });
  }

  @Override
  public Framing framing() {
    return inner.framing();
  }

  @Override
  public int mtu() {
    return inner.mtu();
  }

  @Override
  public MacAddress mac() {
    return inner.mac();
  }

  @Override
  public boolean checksumOffload() {
    return inner.checksumOffload();
  }

  @Override
  public int segmentationLimit() {
    return inner.segmentationLimit();
  }

  @Override
  public long dropped() {
    return inner.dropped();
  }

  @Override
  public boolean checksumFree() {
    return inner.checksumFree();
  }

  @Override
  public boolean isLoopback() {
    return inner.isLoopback();
  }
}
