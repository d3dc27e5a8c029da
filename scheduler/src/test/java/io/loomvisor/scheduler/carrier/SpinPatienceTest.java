package io.loomvisor.scheduler.carrier;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SpinPatienceTest {
  private final SpinPatience patience = new SpinPatience();
  private final long now = 1_000_000_000;

  private void inVain() {
    assertTrue(patience.over(now - 151_000, now));
  }

  @Test
  void itLooksForAMomentOnly() {
    assertFalse(patience.over(now, now + 1_000));
    assertFalse(patience.over(now, now + 149_000));
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
  void itTriesAgainWhenItWouldHaveBeenWorthWhile() {
    inVain();
    inVain();
    inVain();
    patience.woken(now - 200_000, now);
    assertFalse(patience.worthTrying(now));
    patience.woken(now - 30_000, now);
    assertTrue(patience.worthTrying(now));
    inVain();
    assertFalse(patience.worthTrying(now));
  }
}
