package io.loomvisor.scheduler.carrier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CrowdingTest {
  private int cpu;
  private boolean another;
  private int left;
  private final Crowding crowding =
      new Crowding(
          () -> cpu,
          from -> {
            left += another ? 1 : 0;
            return another;
          });

  @Test
  void whoComesOutOnTheCpuOfItsSummonerKnowsThatNoneIsIdle() {
    crowding.summoned(1);
    assertFalse(crowding.lasts());
    crowding.summoned(0);
    assertTrue(crowding.lasts());
    cpu = 1;
    crowding.summoned(Crowding.NOWHERE);
    assertTrue(crowding.lasts());
    crowding.summoned(0);
    assertFalse(crowding.lasts());
  }

  @Test
  void whoLosesItsCpuKnowsItToo() {
    long now = System.nanoTime();
    assertFalse(crowding.lost(now - 10_000, now));
    assertFalse(crowding.lasts());
    assertTrue(crowding.lost(now - 100_000, now));
    assertTrue(crowding.lasts());
  }

  @Test
  void theFirstSignIsSoonForgottenAndFurtherOnesAreNot() {
    long now = 1_000_000_000;
    crowding.lost(now - 100_000, now);
    assertTrue(crowding.lastsAt(now + 200_000));
    assertFalse(crowding.lastsAt(now + 300_000));
    for (int i = 0; i < 10; i++) {
      now += 1_000_000;
      crowding.lost(now - 100_000, now);
    }
    assertTrue(crowding.lastsAt(now + 9_000_000));
    assertFalse(crowding.lastsAt(now + 11_000_000));
    now += 30_000_000;
    crowding.lost(now - 100_000, now);
    assertFalse(crowding.lastsAt(now + 300_000));
  }

  @Test
  void whoFindsAnIdleCpuForgetsAllSigns() {
    crowding.summoned(0);
    crowding.summoned(0);
    cpu = 1;
    crowding.summoned(0);
    assertFalse(crowding.lasts());
    long now = System.nanoTime();
    crowding.lost(now - 100_000, now);
    assertFalse(crowding.lastsAt(now + 300_000));
  }

  @Test
  void anotherCpuIsTriedFirstAndNotAllTheTime() {
    another = true;
    crowding.summoned(0);
    assertEquals(1, left);
    assertFalse(crowding.lasts());
    crowding.summoned(0);
    assertEquals(1, left);
    assertTrue(crowding.lasts());
  }
}
