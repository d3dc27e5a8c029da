package io.loomvisor.scheduler.carrier;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SpinPatienceTest {
  private final SpinPatience patience = new SpinPatience();
  private final long now = System.nanoTime();

  private void inVain() {
    assertTrue(patience.over(now, now + 59_000, now + 61_000));
  }

  @Test
  void itLooksForAMomentOnly() {
    assertFalse(patience.over(now, now, now + 1_000));
    assertFalse(patience.over(now, now + 49_000, now + 50_000));
    inVain();
  }

  @Test
  void afterLookingInVainSeveralTimesItStaysAway() {
    assertTrue(patience.worthTrying());
    inVain();
    inVain();
    assertTrue(patience.worthTrying());
    inVain();
    assertFalse(patience.worthTrying());
    patience.found();
    assertTrue(patience.worthTrying());
  }

  @Test
  void whoLosesTheCpuStaysAwayAtOnce() {
    assertTrue(patience.over(now, now + 1_000, now + 40_000));
    assertFalse(patience.worthTrying());
  }
}
