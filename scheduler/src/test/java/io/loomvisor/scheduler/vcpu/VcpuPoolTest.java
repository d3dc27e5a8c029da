package io.loomvisor.scheduler.vcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every strategy promises. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class VcpuPoolTest {
  private final AtomicInteger told = new AtomicInteger();
  private final AtomicIntegerArray preempted = new AtomicIntegerArray(8);

  private VcpuPool<Integer> pool(PoolStrategy strategy, int size, long slice) {
    List<Integer> vcpus = IntStream.range(0, size).boxed().toList();
    return strategy.open(
        vcpus, size, slice, preempted::incrementAndGet, told::addAndGet, HostThread.UNKNOWN);
  }

  @ParameterizedTest
  @EnumSource
  void neverTwoOnOneVcpuAndEverybodyGetsTurns(PoolStrategy strategy) throws InterruptedException {
    int size = 3;
    AtomicIntegerArray users = new AtomicIntegerArray(size);
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    try (VcpuPool<Integer> pool = pool(strategy, size, VcpuPool.SLICE)) {
      int tasks = 20;
      CountDownLatch done = new CountDownLatch(tasks);
      for (int t = 0; t < tasks; t++) {
        Thread.ofVirtual()
            .start(
                () -> {
                  try (VcpuPool.Claim<Integer> claim = pool.claim()) {
                    for (int i = 0; i < 400; i++) {
                      int turn = i;
                      int result =
                          claim.<Integer>turn(
                              vcpu -> {
                                if (users.incrementAndGet(vcpu) != 1) {
                                  wrong.add("two on " + vcpu);
                                }
                                Thread.yield();
                                users.decrementAndGet(vcpu);
                                return turn;
                              });
                      if (result != turn) {
                        wrong.add("another's result");
                      }
                      if (i % 3 != 0) {
                        claim.release();
                      }
                    }
                  }
                  done.countDown();
                });
      }
      assertTrue(done.await(50, TimeUnit.SECONDS));
      assertEquals(List.of(), List.copyOf(wrong));
      assertEquals(0, pool.waiting());
      assertEquals(0, told.get());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWorkThrowsComesToTheTask(PoolStrategy strategy) {
    try (VcpuPool<Integer> pool = pool(strategy, 1, VcpuPool.SLICE);
        VcpuPool.Claim<Integer> claim = pool.claim()) {
      IllegalStateException thrown = new IllegalStateException("work");
      assertSame(
          thrown,
          assertThrows(
              IllegalStateException.class,
              () ->
                  claim.turn(
                      _ -> {
                        throw thrown;
                      })));
      assertEquals("next", claim.turn(_ -> "next"));
    }
  }

  /**
   * Work that runs until it is preempted, as an application that spins does. With a long slice
   * nobody may come in between, with a short one everybody must.
   */
  @ParameterizedTest
  @EnumSource
  void spinnersAreSeparatedByTheClock(PoolStrategy strategy) throws InterruptedException {
    try (VcpuPool<Integer> pool = pool(strategy, 2, 1_000_000)) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicIntegerArray turns = new AtomicIntegerArray(6);
      CountDownLatch done = new CountDownLatch(6);
      for (int t = 0; t < 6; t++) {
        int me = t;
        Thread.ofVirtual()
            .start(
                () -> {
                  try (VcpuPool.Claim<Integer> claim = pool.claim()) {
                    while (!stop.get()) {
                      claim.turn(
                          vcpu -> {
                            turns.incrementAndGet(me);
                            int before = preempted.get(vcpu);
                            while (preempted.get(vcpu) == before && !stop.get()) {
                              Thread.onSpinWait();
                            }
                            return stop.get() ? "over" : null;
                          });
                    }
                  }
                  done.countDown();
                });
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .until(() -> IntStream.range(0, 6).allMatch(i -> turns.get(i) >= 3));
      stop.set(true);
      assertTrue(done.await(10, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @EnumSource
  void nobodyIsPreemptedWhileNobodyWaits(PoolStrategy strategy) throws InterruptedException {
    try (VcpuPool<Integer> pool = pool(strategy, 2, 1_000_000);
        VcpuPool.Claim<Integer> claim = pool.claim()) {
      for (int i = 0; i < 3; i++) {
        claim.turn(
            _ -> {
              long until = System.nanoTime() + 20_000_000;
              while (System.nanoTime() < until) {
                Thread.onSpinWait();
              }
              return null;
            });
      }
      assertEquals(0, preempted.get(0) + preempted.get(1));
      assertEquals(0, claim.preemptions());
    }
  }

  @ParameterizedTest
  @EnumSource
  void closeEndsAllWaiting(PoolStrategy strategy) throws InterruptedException {
    VcpuPool<Integer> pool = pool(strategy, 1, VcpuPool.SLICE);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    Thread.ofVirtual()
        .start(
            () ->
                answers.add(
                    pool.claim()
                        .turn(
                            _ -> {
                              inside.countDown();
                              try {
                                leave.await();
                              } catch (InterruptedException e) {
                                return "interrupted";
                              }
                              return "ended in its own time";
                            })));
    inside.await();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                answers.add(String.valueOf(pool.claim().<String>turn(_ -> "ran")));
              } catch (VcpuPool.ClosedException e) {
                answers.add("closed");
              }
            });
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> pool.waiting() == 1);
    pool.close();
    assertEquals("closed", answers.poll(10, TimeUnit.SECONDS));
    assertThrows(VcpuPool.ClosedException.class, () -> pool.claim().turn(_ -> "ran"));
    leave.countDown();
    assertEquals("ended in its own time", answers.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void strategiesHaveNames() {
    for (PoolStrategy s : PoolStrategy.values()) {
      assertSame(s, PoolStrategy.named(s.title()));
    }
    assertThrows(IllegalArgumentException.class, () -> PoolStrategy.named("Sticky"));
    assertEquals("per-task", PoolStrategy.PER_TASK.title());
  }
}
