package io.loomvisor.net.link;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketHandler;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.MacAddress;
import java.util.Random;

/**
 * Wraps a link and disturbs what is written to it; the same seed and the same packets give the same
 * disturbance.
 */
public final class FaultyLink extends Mailbox implements Link, PacketHandler {
  private final Link inner;
  private final Clock clock;
  private final Random random;
  private Faults faults;
  private long lineFreeAt;
  private long lastDelivery;

  /** Written inside the mailbox, read by anyone. */
  private volatile long dropped;

  public FaultyLink(Link inner, Clock clock, Faults faults, long seed) {
    this.inner = inner;
    this.clock = clock;
    this.faults = faults;
    this.random = new Random(seed);
  }

  /** Changes the disturbance for packets written from now on. */
  public void faults(Faults next) {
    tell(() -> faults = next);
  }

  @Override
  public void write(PacketBuffer packet) {
    tell(packet);
  }

  @Override
  public void onPacket(PacketBuffer packet) {
    if (random.nextDouble() < faults.loss()) {
      drop(packet);
      return;
    }
    if (random.nextDouble() < faults.duplicate()) {
      dispatch(packet.copy());
    }
    if (faults.corrupt() > 0 && random.nextDouble() < faults.corrupt() && packet.length() > 0) {
      int at = packet.start() + random.nextInt(packet.length());
      packet.array()[at] ^= (byte) (1 << random.nextInt(8));
      packet.checksumTrusted = false;
    }
    dispatch(packet);
  }

  private void dispatch(PacketBuffer packet) {
    long now = clock.nanoTime();
    long at = now + faults.delay();
    if (faults.jitter() > 0) {
      at += random.nextLong(2 * faults.jitter() + 1) - faults.jitter();
    }
    if (faults.bytesPerSecond() > 0) {
      long start = Math.max(now, lineFreeAt);
      long waiting = (start - now) * faults.bytesPerSecond() / Clock.SECOND;
      if (waiting > faults.queueLimit()) {
        drop(packet);
        return;
      }
      lineFreeAt = start + packet.length() * Clock.SECOND / faults.bytesPerSecond();
      at += lineFreeAt - now;
    }
    if (random.nextDouble() < faults.reorder()) {
      at += faults.reorderDelay();
    } else {
      // A line keeps its order: only packets picked for reordering may be overtaken.
      at = Math.max(at, lastDelivery);
      lastDelivery = at;
    }
    if (at <= now) {
      inner.write(packet);
    } else {
      clock.schedule(at, () -> tell(() -> inner.write(packet)));
    }
  }

  private void drop(PacketBuffer packet) {
    packet.release();
    dropped = dropped + 1;
  }

  @Override
  public long dropped() {
    return dropped;
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

  /** What is disturbed must be whole packets with whole checksums: nothing is left to a device. */
  @Override
  public int segmentationLimit() {
    return inner.checksumOffload() ? 0 : inner.segmentationLimit();
  }

  @Override
  public void attach(Receiver receiver) {
    inner.attach(receiver);
  }

  @Override
  public void close() {
    inner.close();
  }
}
