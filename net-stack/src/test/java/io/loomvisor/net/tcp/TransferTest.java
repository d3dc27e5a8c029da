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
}
