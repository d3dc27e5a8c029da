package io.loomvisor.scheduler.vcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class VcpuPoolTest {
  private static VcpuPool<Integer> pool(int size, LeaseStrategy strategy) {
    return new VcpuPool<>(IntStream.range(0, size).boxed().toList(), strategy, v -> {});
  }

  @Test
  void stickyLeaseReturnsToTheLastVcpuIfItIsFree() {
    try (VcpuPool<Integer> pool = pool(3, LeaseStrategy.STICKY)) {
      var first = pool.lease(null);
      var second = pool.lease(null);
      pool.release(first);
      pool.release(second);
      assertSame(second, pool.lease(second));
      assertSame(first, pool.lease(second), "taken, so another one");
    }
  }

  @Test
  void fifoTakesTheLowestFree() {
    try (VcpuPool<Integer> pool = pool(3, LeaseStrategy.FIFO)) {
      var zero = pool.lease(null);
      var one = pool.lease(null);
      pool.release(zero);
      assertEquals(0, pool.lease(one).vcpu());
    }
  }

  @Test
  void waitersAreServedInTheOrderTheyCame() throws InterruptedException {
    try (VcpuPool<Integer> pool = pool(1, LeaseStrategy.STICKY)) {
      var held = pool.lease(null);
      LinkedBlockingQueue<Integer> served = new LinkedBlockingQueue<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int me = i;
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      var slot = pool.lease(null);
                      served.add(me);
                      pool.release(slot);
                    }));
        int expected = i + 1;
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> pool.waiting() == expected);
      }
      pool.release(held);
      for (int i = 0; i < 8; i++) {
        assertEquals(i, served.poll(10, TimeUnit.SECONDS));
      }
      for (Thread t : threads) {
        t.join();
      }
      assertEquals(0, pool.waiting());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sticky", "fifo", "affine"})
  void neverTwoHoldersOfOneVcpu(String strategy) throws InterruptedException {
    int size = 3;
    AtomicInteger[] holders = new AtomicInteger[size];
    for (int i = 0; i < size; i++) {
      holders[i] = new AtomicInteger();
    }
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    try (VcpuPool<Integer> pool = pool(size, LeaseStrategy.named(strategy))) {
      int tasks = 20;
      CountDownLatch done = new CountDownLatch(tasks);
      for (int t = 0; t < tasks; t++) {
        Thread.ofVirtual()
            .start(
                () -> {
                  VcpuPool.Slot<Integer> slot = null;
                  for (int i = 0; i < 500; i++) {
                    slot = pool.lease(slot);
                    if (holders[slot.vcpu()].incrementAndGet() != 1) {
                      wrong.add("two on " + slot.vcpu());
                    }
                    Thread.yield();
                    holders[slot.vcpu()].decrementAndGet();
                    pool.release(slot);
                  }
                  done.countDown();
                });
      }
      assertTrue(done.await(50, TimeUnit.SECONDS));
    }
    assertEquals(List.of(), List.copyOf(wrong));
  }

  @Test
  void holderIsPreemptedOnlyWhileOthersWait() {
    AtomicInteger kicks = new AtomicInteger();
    try (VcpuPool<Integer> pool =
        new VcpuPool<>(List.of(7), LeaseStrategy.STICKY, v -> kicks.addAndGet(v))) {
      var held = pool.lease(null);
      assertFalse(pool.shouldYield(held));
      Thread waiter = Thread.ofVirtual().start(() -> pool.release(pool.lease(null)));
      Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> kicks.get() > 0);
      assertTrue(pool.shouldYield(held));
      pool.release(held);
      Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !waiter.isAlive());
      assertFalse(pool.shouldYield(pool.lease(held)));
    }
  }

  @Test
  void closeEndsAllWaiting() throws InterruptedException {
    VcpuPool<Integer> pool = pool(1, LeaseStrategy.STICKY);
    var held = pool.lease(null);
    LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    Thread.ofVirtual().start(() -> answers.add(String.valueOf(pool.lease(null))));
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> pool.waiting() == 1);
    pool.close();
    assertEquals("null", answers.poll(10, TimeUnit.SECONDS));
    assertNull(pool.lease(held));
    pool.release(held);
    assertNotNull(held.vcpu());
  }

  @Test
  void affinePrefersAWaiterWhoseStateIsThereButStarvesNobody() {
    int passedOver = 0;
    int[] last = {0, 1, 1, 1};
    while (LeaseStrategy.AFFINE.pickWaiter(4, i -> last[i], 1) != 0) {
      passedOver++;
      assertTrue(passedOver < 10, "the longest waiter is never served");
    }
    BitSet free = new BitSet();
    free.set(2);
    assertEquals(2, LeaseStrategy.AFFINE.pickVcpu(free, 1));
  }
}
