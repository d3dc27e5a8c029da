package io.loomvisor.kernel.loader.vdso;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Against a simulated host clock: the counter runs at 2.6 GHz, the clock a little off that, and
 * readings are noisy.
 */
class ClockDisciplineTest {
  private static final long RATE = 2_600_000_000L;
  private static final long PERIOD = 100_000_000;

  private final Random random = new Random(1);
  private double partsPerMillion;
  private double clock = 1_000_000_000;
  private long ticks = 77_000_000_000L;

  private void pass(long nanos) {
    ticks += nanos * RATE / 1_000_000_000;
    clock += nanos * (1 + partsPerMillion / 1e6);
  }

  private long reading() {
    return (long) clock + random.nextInt(-100, 100);
  }

  @Test
  void staysCloseAndNeverRunsBackwards() {
    ClockDiscipline d = new ClockDiscipline(ticks, reading(), RATE);
    long shown = 0;
    double[] rates = {30, -40, 300, -300, 0};
    for (int i = 0; i < 500; i++) {
      partsPerMillion = rates[i / 100];
      boolean settled = i % 100 > 3;
      for (int j = 0; j < 10; j++) {
        pass(PERIOD / 10);
        long now = d.line().nanos(ticks);
        assertTrue(now >= shown);
        assertTrue(!settled || Math.abs(now - clock) < 5_000, i + ": off by " + (now - clock));
        assertTrue(Math.abs(now - clock) < 70_000, i + ": off by " + (now - clock));
        shown = now;
      }
      long sampleTicks = ticks;
      long sample = reading();
      pass(random.nextInt(20_000));
      shown = d.line().nanos(ticks);
      d.correct(sampleTicks, sample, ticks, PERIOD);
      assertTrue(d.line().nanos(ticks) >= shown);
    }
  }

  @Test
  void timeLostInASuspendIsMadeGoodAtOnce() {
    ClockDiscipline d = new ClockDiscipline(ticks, reading(), RATE);
    pass(PERIOD);
    clock += 3e9;
    d.correct(ticks, reading(), ticks, PERIOD);
    assertEquals(clock, d.line().nanos(ticks), 1000);
  }

  @Test
  void aheadByMuchItSlowsDownInsteadOfGoingBack() {
    ClockDiscipline d = new ClockDiscipline(ticks, reading() + 50_000_000, RATE);
    long shown = 0;
    for (int i = 0; i < 20; i++) {
      pass(PERIOD);
      long now = d.line().nanos(ticks);
      assertTrue(now > shown);
      shown = now;
      d.correct(ticks, reading(), ticks, PERIOD);
    }
    assertEquals(clock, d.line().nanos(ticks), 5000);
  }

  @Test
  void productsOfMoreThan64BitsAreRight() {
    TimeLine line = TimeLine.at(0, 5, 0.5);
    long day = 86_400_000_000_000L;
    assertEquals(5 + 200 * day, line.nanos(400 * day));
    assertEquals(5, line.nanos(-3));
  }
}
