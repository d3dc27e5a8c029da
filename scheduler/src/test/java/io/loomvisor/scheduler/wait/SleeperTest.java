package io.loomvisor.scheduler.wait;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SleeperTest {
  @Test
  void readyBeforeSleepIsNotLost() {
    Sleeper s = bound();
    s.arm();
    s.ready();
    assertEquals(Sleeper.Wake.READY, s.sleep(Sleeper.FOREVER, true));
  }

  @Test
  void armForgetsReadinessButNotInterrupts() {
    Sleeper s = bound();
    s.ready();
    s.interrupt();
    s.arm();
    assertEquals(Sleeper.Wake.INTERRUPTED, s.sleep(Sleeper.FOREVER, true));
    s.clearInterrupt();
    assertFalse(s.interrupted());
  }

  @Test
  void deadlineInThePastTimesOutAtOnce() {
    Sleeper s = bound();
    assertEquals(Sleeper.Wake.TIMED_OUT, s.sleep(System.nanoTime() - 1, true));
  }

  @Test
  void uninterruptibleSleepEndsByReadinessOnly() throws Exception {
    Sleeper s = new Sleeper();
    CompletableFuture<Sleeper.Wake> woken = new CompletableFuture<>();
    Thread t = Thread.ofVirtual().unstarted(() -> woken.complete(s.sleep(Sleeper.FOREVER, false)));
    s.bind(t);
    t.start();
    s.interrupt();
    assertFalse(woken.isDone());
    s.ready();
    assertEquals(Sleeper.Wake.READY, woken.get());
  }

  @Test
  void queueNotifiesInOrderAndOnlyWhoAsked() {
    WaitQueue q = new WaitQueue();
    List<String> seen = new ArrayList<>();
    WaitEntry first = e -> seen.add("first " + e);
    WaitEntry second = e -> seen.add("second " + e);
    q.register(first, 1);
    q.register(second, 5);
    q.notifyEvents(4);
    q.notifyEvents(1);
    q.unregister(first);
    q.notifyEvents(5);
    assertEquals(List.of("second 4", "first 1", "second 1", "second 5"), seen);
    q.unregister(second);
    assertTrue(q.isEmpty());
  }

  private static Sleeper bound() {
    Sleeper s = new Sleeper();
    s.bind(Thread.currentThread());
    return s;
  }
}
