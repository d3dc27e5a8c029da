package io.loomvisor.scheduler.wait;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.scheduler.time.HeapTimerService;
import io.loomvisor.scheduler.time.TimerService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AlarmTest {
  private static final long MS = 1_000_000;

  private final HeapTimerService heap = new HeapTimerService();
  private final AtomicInteger scheduled = new AtomicInteger();
  private final Sleeper sleeper = new Sleeper();

  private final TimerService counting =
      new TimerService() {
        @Override
        public long now() {
          return heap.now();
        }

        @Override
        public Timer schedule(long deadline, Runnable action) {
          scheduled.incrementAndGet();
          return heap.schedule(deadline, action);
        }

        @Override
        public void close() {}
      };

  @BeforeEach
  void bind() {
    sleeper.bind(Thread.currentThread());
    sleeper.wakeBy(counting);
  }

  @AfterEach
  void close() {
    sleeper.close();
    heap.close();
  }

  private void sleepsUntilDeadline(long nanos) {
    long deadline = System.nanoTime() + nanos;
    sleeper.arm();
    assertEquals(Sleeper.Wake.TIMED_OUT, sleeper.sleep(deadline, true));
    assertTrue(System.nanoTime() >= deadline);
  }

  private void isReadyBefore(long nanos) {
    sleeper.arm();
    sleeper.ready();
    assertEquals(Sleeper.Wake.READY, sleeper.sleep(System.nanoTime() + nanos, true));
  }

  @Test
  void aSleepEndsAtItsDeadline() {
    for (int i = 0; i < 20; i++) {
      sleepsUntilDeadline(MS);
    }
  }

  @Test
  void aTimerLeftOverFromASleepThatEndedEarlyServesTheNext() {
    for (int i = 0; i < 1000; i++) {
      isReadyBefore(10_000 * MS);
    }
    assertEquals(1, scheduled.get());
  }

  @Test
  void aTimerThatIsTooEarlyIsSetAnew() {
    isReadyBefore(5 * MS);
    sleepsUntilDeadline(20 * MS);
    assertEquals(2, scheduled.get());
  }

  @Test
  void anEarlierDeadlineThanThatOfTheTimerIsKept() {
    isReadyBefore(100_000 * MS);
    sleepsUntilDeadline(2 * MS);
    isReadyBefore(100_000 * MS);
    sleepsUntilDeadline(2 * MS);
  }
}
