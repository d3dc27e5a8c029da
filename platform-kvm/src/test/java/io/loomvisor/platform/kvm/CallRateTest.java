package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CallRateTest {
  private static final long MICROS = 1000;

  @Test
  void quickSuccessionIsOften() {
    CallRate rate = new CallRate();
    long now = System.nanoTime();
    int often = 0;
    for (int i = 0; i < 320; i++) {
      often += rate.often(now += 30 * MICROS, 32) ? 1 : 0;
    }
    assertEquals(10, often);
  }

  @Test
  void nowAndThenIsNot() {
    CallRate rate = new CallRate();
    long now = System.nanoTime();
    for (int i = 0; i < 1000; i++) {
      assertFalse(rate.often(now += 200 * MICROS, 32));
    }
  }

  @Test
  void whatWasBeforeASleepDoesNotCount() {
    CallRate rate = new CallRate();
    for (int i = 0; i < 100; i++) {
      assertFalse(rate.often(i * 1000L, 3));
      assertFalse(rate.often(i * 1000L + 1, 3));
      rate.forget();
    }
    assertFalse(rate.often(200_000, 3));
    assertFalse(rate.often(200_001, 3));
    assertTrue(rate.often(200_002, 3));
  }
}
