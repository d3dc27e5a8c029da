package io.loomvisor.scheduler.wait;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WakeUpsTest {
  /** Others count too, in tests beside this one. */
  @Test
  void theCountChangesWithANotification() {
    WaitQueue queue = new WaitQueue();
    int before = WakeUps.count();
    queue.notifyEvents(1);
    assertNotEquals(before, WakeUps.count());
  }

  @Test
  void listenersHearOfThreadsThatAreNoTasks() throws InterruptedException {
    AtomicInteger heard = new AtomicInteger();
    Thread self = Thread.currentThread();
    Thread[] other = new Thread[1];
    Runnable listener =
        () -> {
          Thread now = Thread.currentThread();
          if (now == self || now == other[0]) {
            heard.incrementAndGet();
          }
        };
    WakeUps.listen(listener);
    try {
      WakeUps.happened();
      assertEquals(1, heard.get());
      other[0] = Thread.ofVirtual().unstarted(WakeUps::happened);
      other[0].start();
      other[0].join();
      assertEquals(1, heard.get());
      other[0] = Thread.ofVirtual().unstarted(WakeUps.passingOn(WakeUps::happened));
      other[0].start();
      other[0].join();
      assertEquals(2, heard.get());
    } finally {
      WakeUps.unlisten(listener);
    }
    WakeUps.happened();
    assertEquals(2, heard.get());
  }
}
