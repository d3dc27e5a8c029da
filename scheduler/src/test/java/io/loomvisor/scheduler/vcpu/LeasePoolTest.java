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
  /** For release: all of the lease. */
  private static final long ALL = Long.MAX_VALUE;

  private static LeasePool<Integer> pool(int size, LeaseStrategy strategy) {
    return new LeasePool<>(
        IntStream.range(0, size).boxed().toList(),
        size,
        1,
        size,
        strategy,
        VcpuPool.SLICE,
        v -> {},
        n -> {},
        HostThread.UNKNOWN);
  }

  @Test
  void stickyLeaseReturnsToTheLastVcpuIfItIsFree() {
    try (LeasePool<Integer> pool = pool(3, LeaseStrategy.STICKY)) {
      var first = pool.lease(null, new Account(), true);
      var second = pool.lease(null, new Account(), true);
      pool.release(first, ALL);
      pool.release(second, ALL);
      assertSame(second, pool.lease(second, new Account(), true));
      assertEquals(2, pool.lease(second, new Account(), true).index(), "taken, so nobody's");
    }
  }

  @Test
  void fifoTakesTheLowestFree() {
    try (LeasePool<Integer> pool = pool(3, LeaseStrategy.FIFO)) {
      var zero = pool.lease(null, new Account(), true);
      var one = pool.lease(null, new Account(), true);
      pool.release(zero, ALL);
      assertEquals(0, pool.lease(one, new Account(), true).vcpu());
    }
  }

  @Test
  void waitersAreServedInTheOrderTheyCame() throws InterruptedException {
    try (LeasePool<Integer> pool = pool(1, LeaseStrategy.FIFO)) {
      var held = pool.lease(null, new Account(), true);
      LinkedBlockingQueue<Integer> served = new LinkedBlockingQueue<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int me = i;
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      var slot = pool.lease(null, new Account(), true);
                      served.add(me);
                      pool.release(slot, ALL);
                    }));
        int expected = i + 1;
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> pool.waiting() == expected);
      }
      pool.release(held, ALL);
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
            1,
            1,
            LeaseStrategy.STICKY,
            VcpuPool.SLICE,
            v -> kicks.addAndGet(v),
            n -> {},
            HostThread.UNKNOWN)) {
      var held = pool.lease(null, new Account(), true);
      assertFalse(pool.shouldYield(held));
      Thread waiter =
          Thread.ofVirtual().start(() -> pool.release(pool.lease(null, new Account(), true), ALL));
      Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> kicks.get() > 0);
      assertTrue(pool.shouldYield(held));
      pool.release(held, ALL);
      Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !waiter.isAlive());
      assertFalse(pool.shouldYield(pool.lease(held, new Account(), true)));
    }
  }

  @Test
  void closeEndsAllWaiting() throws InterruptedException {
    LeasePool<Integer> pool = pool(1, LeaseStrategy.STICKY);
    var held = pool.lease(null, new Account(), true);
    LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    Thread.ofVirtual()
        .start(() -> answers.add(String.valueOf(pool.lease(null, new Account(), true))));
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> pool.waiting() == 1);
    pool.close();
    assertEquals("null", answers.poll(10, TimeUnit.SECONDS));
    assertNull(pool.lease(held, new Account(), true));
    pool.release(held, ALL);
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
            1,
            1,
            LeaseStrategy.STICKY,
            longSlice,
            _ -> kicks.incrementAndGet(),
            _ -> {},
            HostThread.UNKNOWN)) {
      Account holder = new Account();
      var held = pool.lease(null, holder, true);
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
      pool.release(held, ALL);
      assertEquals("none", served.poll(10, TimeUnit.SECONDS));
      assertEquals("little", served.poll(10, TimeUnit.SECONDS));
      assertEquals("much", served.poll(10, TimeUnit.SECONDS));
    }
  }

  private static void waiter(
      LeasePool<Integer> pool, LinkedBlockingQueue<String> served, String name, Account account) {
    int before = pool.waiting();
    Thread.ofVirtual()
        .start(
            () -> {
              var slot = pool.lease(null, account, true);
              served.add(name);
              pool.release(slot, ALL);
            });
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> pool.waiting() == before + 1);
  }

  @Test
  void vcpusAreSharedOnlyWhenThereAreNoMore() {
    try (LeasePool<Integer> pool = pool(3, LeaseStrategy.STICKY)) {
      var a = pool.lease(null, new Account(), true);
      pool.release(a, ALL);
      var b = pool.lease(null, new Account(), true);
      pool.release(b, ALL);
      var c = pool.lease(null, new Account(), true);
      pool.release(c, ALL);
      assertEquals(List.of(0, 1, 2), List.of(a.index(), b.index(), c.index()));
      assertSame(b, pool.lease(b, new Account(), true));
      pool.release(b, ALL);
      pool.forget(b);
      assertSame(b, pool.lease(null, new Account(), true), "its task has ended");
    }
  }
}
