package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.link.Faults;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.time.Clock;
import org.junit.jupiter.api.Test;

/** Whole transfers with checksums over links that misbehave, each reproducible by its seed. */
final class TransferTest {
  private static final Faults LAN = Faults.NONE.withDelay(5 * Clock.MILLISECOND, 0);
  private static final long LIMIT = 600 * Clock.SECOND;

  private static TwoHosts run(PipeLink[] pipe, Faults f, long seed, int bytes, boolean v6) {
    TwoHosts h = new TwoHosts(pipe, f, seed);
    TcpEndpoint[] pair = h.connect(v6);
    h.transfer(pair[0], pair[1], bytes, seed, LIMIT);
    h.transfer(pair[1], pair[0], bytes / 4, seed + 7, LIMIT);
    h.finish(pair);
    return h;
  }

  @Test
  void aPerfectPipe() {
    TwoHosts h = run(PipeLink.ip(1500), Faults.NONE, 1, 3_000_000, false);
    assertEquals(0, h.a.mib.get(Counter.Tcp_RetransSegs));
  }

  @Test
  void aLineWithDelay() {
    TwoHosts h = run(PipeLink.ip(1500), LAN, 2, 3_000_000, false);
    assertEquals(0, h.a.mib.get(Counter.Tcp_RetransSegs));
  }

  @Test
  void loss() {
    for (int seed = 10; seed < 20; seed++) {
      TwoHosts h = run(PipeLink.ip(1500), LAN.withLoss(0.03), seed, 1_000_000, seed % 2 == 0);
      assertTrue(h.a.mib.get(Counter.Tcp_RetransSegs) > 5);
    }
  }

  @Test
  void everythingAtOnce() {
    Faults f =
        LAN.withLoss(0.02)
            .withDuplicate(0.02)
            .withCorrupt(0.02)
            .withReorder(0.05, 3 * Clock.MILLISECOND)
            .withDelay(5 * Clock.MILLISECOND, Clock.MILLISECOND);
    for (int seed = 30; seed < 40; seed++) {
      run(PipeLink.ip(1500), f, seed, 700_000, seed % 2 == 0);
    }
  }

  @Test
  void heavyLoss() {
    for (int seed = 50; seed < 55; seed++) {
      run(PipeLink.ip(1500), LAN.withLoss(0.2), seed, 100_000, false);
    }
  }

  @Test
  void segmentsOf64KilobytesAcrossALinkWithOffload() {
    TwoHosts h = run(PipeLink.ipWithOffload(1500), LAN, 60, 5_000_000, false);
    long segments = h.a.mib.get(Counter.Tcp_OutSegs);
    assertTrue(h.a.nic.statistics().sent() < 5_000_000 / 1448, "packets");
    assertTrue(segments > 5_000_000 / 1448, "segments " + segments);
    for (int seed = 61; seed < 66; seed++) {
      run(PipeLink.ipWithOffload(1500), LAN.withLoss(0.05), seed, 3_000_000, seed % 2 == 0);
    }
  }

  @Test
  void jumboFrames() {
    run(PipeLink.ip(9000), LAN.withLoss(0.01), 70, 3_000_000, false);
    run(PipeLink.ip(65_535), LAN.withLoss(0.01), 71, 3_000_000, true);
  }

  @Test
  void aNarrowPath() {
    run(PipeLink.ip(1280), LAN.withLoss(0.01), 72, 300_000, true);
    run(PipeLink.ip(576), LAN.withLoss(0.01), 73, 300_000, false);
  }

  @Test
  void withoutSackAndTimestamps() {
    for (int seed = 80; seed < 86; seed++) {
      TwoHosts h = new TwoHosts(PipeLink.ip(1500), LAN.withLoss(0.02), seed);
      h.a.settings.sack = seed % 2 == 0;
      h.b.settings.timestamps = seed % 3 == 0;
      h.b.settings.windowScaling = seed % 4 == 0;
      TcpEndpoint[] pair = h.connect(false);
      h.transfer(pair[0], pair[1], 500_000, seed, LIMIT);
      h.finish(pair);
    }
  }

  @Test
  void aBottleneckIsFilledByBothAlgorithms() {
    for (String control : new String[] {"reno", "cubic"}) {
      Faults slow = Faults.NONE.withDelay(20 * Clock.MILLISECOND, 0).withRate(1_250_000, 60_000);
      TwoHosts h = new TwoHosts(PipeLink.ip(1500), slow, 90);
      h.a.settings.congestionControl = control;
      TcpEndpoint[] pair = h.connect(false);
      long took = h.transfer(pair[0], pair[1], 12_500_000, 90, LIMIT);
      double used = 10.0 * Clock.SECOND / took;
      assertTrue(used > 0.75, control + " used " + used + " of the line");
      h.finish(pair);
    }
  }

  @Test
  void aLongFatPathIsFilled() {
    Faults far = Faults.NONE.withDelay(50 * Clock.MILLISECOND, 0).withRate(12_500_000, 1 << 20);
    TwoHosts h = new TwoHosts(PipeLink.ip(1500), far, 91);
    TcpEndpoint[] pair = h.connect(false);
    long took = h.transfer(pair[0], pair[1], 62_500_000, 91, LIMIT);
    assertTrue(took < 8 * Clock.SECOND, "took ms " + took / Clock.MILLISECOND);
    h.finish(pair);
  }

  @Test
  void aPeerThatNeverReadsCostsBoundedMemory() {
    TwoHosts h = new TwoHosts(PipeLink.ip(1500), LAN, 92);
    TcpEndpoint[] pair = h.connect(false);
    byte[] chunk = new byte[1 << 16];
    long written = 0;
    for (int i = 0; i < 5000; i++) {
      int n = pair[0].write(chunk, 0, chunk.length, false);
      written += Math.max(n, 0);
      h.clock.advance(20 * Clock.MILLISECOND);
    }
    long most = h.a.settings.maxSendBuffer + h.b.settings.maxReceiveBuffer;
    assertTrue(written < most, "written " + written);
    assertTrue(h.pool.outstanding() < 10);
    assertEquals(State.ESTABLISHED, pair[0].state());
    int read = pair[1].discard(Integer.MAX_VALUE);
    assertTrue(read > 0);
    pair[0].linger(true, 0);
    h.finish(pair);
  }

  @Test
  void theSameSeedGivesTheSameRun() {
    long[] sent = new long[2];
    for (int i = 0; i < 2; i++) {
      TwoHosts h = run(PipeLink.ip(1500), LAN.withLoss(0.05), 95, 300_000, false);
      sent[i] = h.ab.dropped() + h.ba.dropped();
    }
    assertEquals(sent[0], sent[1]);
  }
}
