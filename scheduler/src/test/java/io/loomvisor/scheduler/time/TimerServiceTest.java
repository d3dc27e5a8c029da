package io.loomvisor.scheduler.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimerServiceTest {
  @Test
  void manualClockRunsTimersInOrderOfDeadline() {
    List<String> ran = new ArrayList<>();
    try (ManualTimerService timers = new ManualTimerService()) {
      timers.schedule(20, () -> ran.add("late@" + timers.now()));
      timers.schedule(10, () -> ran.add("early@" + timers.now()));
      TimerService.Timer withdrawn = timers.schedule(15, () -> ran.add("withdrawn"));
      assertTrue(withdrawn.cancel());
      timers.advance(19);
      assertEquals(List.of("early@10"), ran);
      timers.advance(1);
      assertEquals(List.of("early@10", "late@20"), ran);
    }
  }

  @Test
  void runsEarlierTimerAddedWhileWaitingForALaterOne() throws InterruptedException {
    CountDownLatch early = new CountDownLatch(1);
    try (HeapTimerService timers = new HeapTimerService()) {
      TimerService.Timer late = timers.schedule(timers.now() + TimeUnit.HOURS.toNanos(1), () -> {});
      timers.schedule(timers.now() + 1_000_000, early::countDown);
      assertTrue(early.await(20, TimeUnit.SECONDS));
      assertTrue(late.cancel());
      assertFalse(late.cancel());
    }
  }
}
