package io.loomvisor.net.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.MacAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a recording holds, read back as its format says (draft-ietf-opsawg-pcap). */
final class PcapLinkTest {
  private final PacketPool pool = new PacketPool();
  private final AtomicLong now = new AtomicLong(1_700_000_000_123_456_789L);
  private final List<byte[]> near = new ArrayList<>();
  private final List<byte[]> far = new ArrayList<>();

  private PacketBuffer packet(int... bytes) {
    PacketBuffer p = pool.acquire(bytes.length);
    for (int b : bytes) {
      p.array()[p.append(1)] = (byte) b;
    }
    return p;
  }

  private static Link.Receiver into(List<byte[]> list) {
    return p -> {
      list.add(Arrays.copyOfRange(p.array(), p.start(), p.end()));
      p.release();
    };
  }

  @Test
  void bothDirectionsAreRecordedWithTheirTimes() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    PipeLink[] pipe = PipeLink.ip(1500);
    PcapLink link = new PcapLink(pipe[0], file, now::get);
    link.attach(into(near));
    pipe[1].attach(into(far));
    link.write(packet(0x45, 1, 2, 3));
    now.addAndGet(2_000_000_001L);
    pipe[1].write(packet(0x60, 9));
    link.close();
    assertArrayEquals(new byte[] {0x45, 1, 2, 3}, far.getFirst());
    assertArrayEquals(new byte[] {0x60, 9}, near.getFirst());
    ByteBuffer b = ByteBuffer.wrap(file.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0xa1b23c4d, b.getInt());
    assertEquals(2, b.getShort());
    assertEquals(4, b.getShort());
    assertEquals(0, b.getLong());
    assertEquals(262_144, b.getInt());
    assertEquals(101, b.getInt(), "LINKTYPE_RAW");
    expectRecord(b, 1_700_000_000, 123_456_789, 0x45, 1, 2, 3);
    expectRecord(b, 1_700_000_002, 123_456_790, 0x60, 9);
    assertEquals(0, b.remaining());
    assertEquals(0, pool.outstanding());
  }

  private static void expectRecord(ByteBuffer b, int seconds, int nanos, int... bytes) {
    assertEquals(seconds, b.getInt());
    assertEquals(nanos, b.getInt());
    assertEquals(bytes.length, b.getInt());
    assertEquals(bytes.length, b.getInt());
    for (int x : bytes) {
      assertEquals((byte) x, b.get());
    }
  }

  @Test
  void anEthernetLinkSaysSoAndKeepsItsFacts() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    MacAddress mac = MacAddress.parse("02:00:00:00:00:01");
    PipeLink inner = PipeLink.ethernet(1400, mac, MacAddress.parse("02:00:00:00:00:02"))[0];
    try (PcapLink link = new PcapLink(inner, file, now::get)) {
      assertEquals(1400, link.mtu());
      assertEquals(mac, link.mac());
      assertEquals(inner.framing(), link.framing());
    }
    ByteBuffer b = ByteBuffer.wrap(file.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(1, b.getInt(20), "LINKTYPE_ETHERNET");
  }

  @Test
  void dropsOfTheLinkAreSeenThroughTheRecording() {
    VirtualClock clock = new VirtualClock();
    Faults all = Faults.NONE.withLoss(1);
    FaultyLink faulty = new FaultyLink(PipeLink.ip(1500)[0], clock, all, 1);
    PcapLink link = new PcapLink(faulty, new ByteArrayOutputStream(), now::get);
    link.write(packet(1));
    clock.advance(1);
    assertEquals(1, link.dropped());
  }

  @Test
  void aStreamThatFailsEndsTheRecordingNotTheTraffic() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("disk full");
          }
        };
    PipeLink[] pipe = PipeLink.ip(1500);
    PcapLink link = new PcapLink(pipe[0], full, now::get);
    link.attach(into(near));
    pipe[1].attach(into(far));
    for (int i = 0; i < 10; i++) {
      link.write(packet(i));
      pipe[1].write(packet(i));
    }
    assertEquals(10, near.size());
    assertEquals(10, far.size());
    assertEquals(0, pool.outstanding());
  }

  @Test
  void aStreamThatHangsCostsBoundedMemory() throws InterruptedException {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch open = new CountDownLatch(1);
    OutputStream slow =
        new OutputStream() {
          private boolean headerSeen;

          @Override
          public void write(byte[] b, int offset, int length) {
            if (!headerSeen) {
              headerSeen = true;
              return;
            }
            blocked.countDown();
            try {
              open.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }

          @Override
          public void write(int b) {}
        };
    PipeLink[] pipe = PipeLink.ip(1500);
    PcapLink link = new PcapLink(pipe[0], slow, now::get);
    pipe[1].attach(PacketBuffer::release);
    Thread first = Thread.startVirtualThread(() -> link.write(packet(1)));
    blocked.await();
    byte[] big = new byte[1400];
    for (int i = 0; i < 20_000; i++) {
      PacketBuffer p = pool.acquire(big.length);
      p.append(big, 0, big.length);
      link.write(p);
    }
    assertTrue(link.unrecorded() > 7000, "unrecorded " + link.unrecorded());
    open.countDown();
    first.join();
    assertEquals(0, pool.outstanding());
  }
}
