package io.loomvisor.scheduler.carrier;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With one CPU there is always a lookout instead of spinning, with several the other way round. */
@Timeout(60)
class CarriersTest {
  private static final IntSupplier EVERYBODY_ON_CPU_0 = () -> 0;

  private static ThreadFactory threads(int most, int cpus, IntSupplier cpu) {
    ThreadFactory factory = TaskThreads.factory(new Carriers(most, cpus, cpu, from -> false));
    assertNotNull(factory, "the test needs --add-opens java.base/java.lang=ALL-UNNAMED");
    return factory;
  }

  /** Rings of tasks that wake each other up: a wake-up that got lost would stop one for ever. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 64})
  void noWakeUpIsLost(int cpus) throws InterruptedException {
    ThreadFactory factory = threads(4, cpus, EVERYBODY_ON_CPU_0);
    int rings = 6;
    int rounds = 3000;
    CountDownLatch done = new CountDownLatch(rings);
    for (int ring = 0; ring < rings; ring++) {
      List<Semaphore> turns = new ArrayList<>();
      for (int i = 0; i < ring + 2; i++) {
        turns.add(new Semaphore(0));
      }
      for (int i = 0; i < turns.size(); i++) {
        Semaphore mine = turns.get(i);
        Semaphore next = turns.get((i + 1) % turns.size());
        boolean first = i == 0;
        factory
            .newThread(
                () -> {
                  for (int round = 0; round < rounds; round++) {
                    mine.acquireUninterruptibly();
                    next.release();
                  }
                  if (first) {
                    done.countDown();
                  }
                })
            .start();
      }
      turns.getFirst().release();
    }
    assertTrue(done.await(50, SECONDS), () -> done.getCount() + " of " + rings + " rings stand");
  }

  /** Whoever wakes somebody up and computes on does not keep it waiting. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whoIsWokenByOneThatComputesOnRuns(int cpus) throws InterruptedException {
    ThreadFactory factory = threads(2, cpus, EVERYBODY_ON_CPU_0);
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(1);
    AtomicInteger answers = new AtomicInteger();
    Thread woken =
        factory.newThread(
            () -> {
              while (!stop.get()) {
                LockSupport.park();
                answers.getAndIncrement();
              }
              ended.countDown();
            });
    woken.start();
    factory
        .newThread(
            () -> {
              for (int i = 0; i < 200; i++) {
                int before = answers.get();
                LockSupport.unpark(woken);
                while (answers.get() == before) {
                  Thread.onSpinWait(); // never leaves its carrier
                }
              }
              stop.set(true);
              LockSupport.unpark(woken);
            })
        .start();
    assertTrue(ended.await(50, SECONDS), () -> answers.get() + " wake-ups were answered");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void whatAThreadOfTheHostQueuesRunsThoughTheRestComputes(int cpus) throws InterruptedException {
    ThreadFactory factory = threads(3, cpus, EVERYBODY_ON_CPU_0);
    AtomicBoolean stop = new AtomicBoolean();
    Runnable busy =
        () -> {
          while (!stop.get()) {
            Thread.onSpinWait();
          }
        };
    factory.newThread(busy).start();
    factory.newThread(busy).start();
    for (int i = 0; i < 100; i++) {
      CountDownLatch ran = new CountDownLatch(1);
      factory.newThread(ran::countDown).start();
      assertTrue(ran.await(20, SECONDS), "nobody took it");
    }
    stop.set(true);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void noMoreCarriersThanAllowedAreMade(int cpus) throws InterruptedException {
    ThreadFactory factory = threads(2, cpus, EVERYBODY_ON_CPU_0);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(50);
    for (int i = 0; i < 50; i++) {
      factory
          .newThread(
              () -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                long end = System.nanoTime() + 1_000_000;
                while (System.nanoTime() - end < 0) {
                  Thread.onSpinWait();
                }
                running.decrementAndGet();
                done.countDown();
              })
          .start();
    }
    assertTrue(done.await(50, SECONDS));
    assertEquals(2, most.get());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aTaskThatFailsTakesNoCarrierAlong(int cpus) throws InterruptedException {
    Carriers carriers = new Carriers(1, cpus, EVERYBODY_ON_CPU_0, from -> false);
    CountDownLatch ran = new CountDownLatch(1);
    carriers.execute(
        () -> {
          Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> {});
          throw new IllegalStateException("expected");
        });
    carriers.execute(ran::countDown);
    assertTrue(ran.await(20, SECONDS));
  }
}
