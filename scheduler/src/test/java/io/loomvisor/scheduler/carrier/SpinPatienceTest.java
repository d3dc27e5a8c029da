package io.loomvisor.scheduler.carrier;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SpinPatienceTest {
  private final SpinPatience patience = new SpinPatience();
  private final long now = 1_000_000_000;

  private void inVain() {
    assertTrue(patience.over(now - 61_000, now - 1_000, now));
  }

  @Test
  void itLooksForAMomentOnly() {
    assertFalse(patience.over(now, now, now + 1_000));
    assertFalse(patience.over(now, now + 49_000, now + 50_000));
    inVain();
  }

  @Test
  void afterLookingInVainSeveralTimesItStaysAway() {
    assertTrue(patience.worthTrying(now));
    inVain();
    inVain();
    assertTrue(patience.worthTrying(now));
    inVain();
    assertFalse(patience.worthTrying(now));
    assertTrue(patience.worthTrying(now + 1_000_000));
    patience.found();
    assertTrue(patience.worthTrying(now));
  }

  @Test
  void whoLosesTheCpuStaysAwayAtOnce() {
    assertTrue(patience.over(now - 40_000, now - 39_000, now));
    assertFalse(patience.worthTrying(now));
  }
}
