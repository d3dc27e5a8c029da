package io.loomvisor.scheduler.vcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LeasePoolTest {
  private static LeasePool<Integer> pool(int size, LeaseStrategy strategy) {
    return new LeasePool<>(
        IntStream.range(0, size).boxed().toList(),
        size,
        strategy,
        VcpuPool.SLICE,
        v -> {},
        n -> {});
  }

  @Test
  void stickyLeaseReturnsToTheLastVcpuIfItIsFree() {
    try (LeasePool<Integer> pool = pool(3, LeaseStrategy.STICKY)) {
      var first = pool.lease(null, new Account());
      var second = pool.lease(null, new Account());
      pool.release(first);
      pool.release(second);
      assertSame(second, pool.lease(second, new Account()));
      assertSame(first, pool.lease(second, new Account()), "taken, so another one");
    }
  }

  @Test
  void fifoTakesTheLowestFree() {
    try (LeasePool<Integer> pool = pool(3, LeaseStrategy.FIFO)) {
      var zero = pool.lease(null, new Account());
      var one = pool.lease(null, new Account());
      pool.release(zero);
      assertEquals(0, pool.lease(one, new Account()).vcpu());
    }
  }

  @Test
  void waitersAreServedInTheOrderTheyCame() throws InterruptedException {
    try (LeasePool<Integer> pool = pool(1, LeaseStrategy.FIFO)) {
      var held = pool.lease(null, new Account());
      LinkedBlockingQueue<Integer> served = new LinkedBlockingQueue<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int me = i;
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      var slot = pool.lease(null, new Account());
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

  @Test
  void holderIsPreemptedOnlyWhileOthersWait() {
    AtomicInteger kicks = new AtomicInteger();
    try (LeasePool<Integer> pool =
        new LeasePool<>(
            List.of(7),
            1,
            LeaseStrategy.STICKY,
            VcpuPool.SLICE,
            v -> kicks.addAndGet(v),
            n -> {})) {
      var held = pool.lease(null, new Account());
      assertFalse(pool.shouldYield(held));
      Thread waiter = Thread.ofVirtual().start(() -> pool.release(pool.lease(null, new Account())));
      Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> kicks.get() > 0);
      assertTrue(pool.shouldYield(held));
      pool.release(held);
      Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !waiter.isAlive());
      assertFalse(pool.shouldYield(pool.lease(held, new Account())));
    }
  }

  @Test
  void closeEndsAllWaiting() throws InterruptedException {
    LeasePool<Integer> pool = pool(1, LeaseStrategy.STICKY);
    var held = pool.lease(null, new Account());
    LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    Thread.ofVirtual().start(() -> answers.add(String.valueOf(pool.lease(null, new Account()))));
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> pool.waiting() == 1);
    pool.close();
    assertEquals("null", answers.poll(10, TimeUnit.SECONDS));
    assertNull(pool.lease(held, new Account()));
    pool.release(held);
    assertNotNull(held.vcpu());
  }

  /** Who has had little goes before who has had much, and has a spinner make room at once. */
  @Test
  void whoHasHadLeastGoesFirst() throws InterruptedException {
    AtomicInteger kicks = new AtomicInteger();
    long longSlice = TimeUnit.SECONDS.toNanos(100);
    try (LeasePool<Integer> pool =
        new LeasePool<>(
            List.of(0),
            1,
            LeaseStrategy.STICKY,
            longSlice,
            _ -> kicks.incrementAndGet(),
            _ -> {})) {
      Account holder = new Account();
      var held = pool.lease(null, holder);
      Account much = new Account();
      much.arrive(0, longSlice);
      much.add(2 * longSlice);
      Account little = new Account();
      little.arrive(0, longSlice);
      little.add(longSlice);
      LinkedBlockingQueue<String> served = new LinkedBlockingQueue<>();
      waiter(pool, served, "much", much);
      waiter(pool, served, "little", little);
      assertEquals(0, kicks.get());
      holder.add(4 * longSlice);
      Account none = new Account();
      none.arrive(0, longSlice);
      waiter(pool, served, "none", none);
      Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> kicks.get() == 1);
      assertTrue(pool.shouldYield(held));
      pool.release(held);
      assertEquals("none", served.poll(10, TimeUnit.SECONDS));
      assertEquals("little", served.poll(10, TimeUnit.SECONDS));
      assertEquals("much", served.poll(10, TimeUnit.SECONDS));
    }
  }

  /** The spare vCPU bridges the time until the holder has made room, and no longer. */
  @Test
  void whoHasHadLittleNeedNotWaitForTheHolder() throws InterruptedException {
    AtomicInteger kicked = new AtomicInteger(-1);
    long slice = TimeUnit.SECONDS.toNanos(100);
    try (LeasePool<Integer> pool =
        new LeasePool<>(List.of(0, 1), 1, LeaseStrategy.STICKY, slice, kicked::set, _ -> {})) {
      Account much = new Account();
      var held = pool.lease(null, much);
      much.add(slice);
      Account little = new Account();
      little.arrive(0, slice);
      var spare = pool.lease(null, little);
      assertEquals(1, spare.index());
      assertEquals(0, kicked.get());
      assertTrue(pool.shouldYield(held));
      pool.release(held);
      LinkedBlockingQueue<String> served = new LinkedBlockingQueue<>();
      waiter(pool, served, "the holder waits now", much);
      pool.release(spare);
      assertEquals("the holder waits now", served.poll(10, TimeUnit.SECONDS));
      assertEquals(0, pool.waiting());
    }
  }

  private static void waiter(
      LeasePool<Integer> pool, LinkedBlockingQueue<String> served, String name, Account account) {
    int before = pool.waiting();
    Thread.ofVirtual()
        .start(
            () -> {
              var slot = pool.lease(null, account);
              served.add(name);
              pool.release(slot);
            });
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> pool.waiting() == before + 1);
  }

  @Test
  void timeAsleepIsNotSavedUpAndForkingIsNoWayToTheFront() {
    Account slept = new Account();
    slept.arrive(0, 10);
    slept.arrive(1_000, 10);
    assertEquals(995, slept.used());
    Account fresh = new Account();
    fresh.arrive(1_000, 10);
    assertEquals(1_005, fresh.used());
    fresh.add(100);
    fresh.arrive(1_000, 10);
    assertEquals(1_105, fresh.used());
  }

  @Test
  void ownVcpusAreSharedOnlyWhenThereAreNoMore() {
    try (LeasePool<Integer> pool = pool(3, LeaseStrategy.OWN)) {
      var a = pool.lease(null, new Account());
      pool.release(a);
      var b = pool.lease(null, new Account());
      pool.release(b);
      var c = pool.lease(null, new Account());
      pool.release(c);
      assertEquals(List.of(0, 1, 2), List.of(a.index(), b.index(), c.index()));
      assertSame(b, pool.lease(b, new Account()));
      pool.release(b);
      pool.forget(b);
      assertSame(b, pool.lease(null, new Account()), "its task has ended");
    }
  }
}
