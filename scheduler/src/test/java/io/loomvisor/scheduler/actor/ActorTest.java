package io.loomvisor.scheduler.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ActorTest {
  /** A counter whose state is plain: only mutual exclusion keeps it right. */
  private static final class Counter extends Actor {
    private long value;
    private final List<Integer> order = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Counter(Rank rank) {
      super(rank);
    }

    long increment() {
      return ask(() -> ++value);
    }

    void incrementLater() {
      tell(() -> value++);
    }

    void note(int i) {
      tell(() -> order.add(i));
    }

    long value() {
      return ask(() -> value);
    }

    <R> R inside(java.util.function.Supplier<R> body) {
      return ask(body);
    }

    void failLater(RuntimeException e) {
      tell(
          () -> {
            throw e;
          });
    }

    @Override
    protected void onFailure(Throwable t) {
      failure.set(t);
    }
  }

  @Test
  void idleActorRunsTheMessageOnTheCallersThread() {
    Counter c = new Counter(Rank.INODE);
    assertSame(Thread.currentThread(), c.inside(Thread::currentThread));
  }

  @Test
  void messagesOfManyThreadsNeverOverlap() throws InterruptedException {
    Counter c = new Counter(Rank.INODE);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 16; t++) {
      boolean asks = t % 2 == 0;
      threads.add(
          Thread.startVirtualThread(
              () -> {
                for (int i = 0; i < 5_000; i++) {
                  if (asks) {
                    c.increment();
                  } else {
                    c.incrementLater();
                  }
                }
              }));
    }
    for (Thread t : threads) {
      t.join();
    }
    Awaitility.await().until(() -> c.value() == 80_000);
  }

  @Test
  void messagesOfOneSenderRunInOrderWhileTheActorIsBusy() throws InterruptedException {
    Counter c = new Counter(Rank.INODE);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Thread holder =
        Thread.startVirtualThread(
            () ->
                c.inside(
                    () -> {
                      entered.countDown();
                      return awaitQuietly(go);
                    }));
    entered.await();
    for (int i = 0; i < 100; i++) {
      c.note(i);
    }
    go.countDown();
    holder.join();
    List<Integer> seen = c.inside(() -> List.copyOf(c.order));
    assertEquals(java.util.stream.IntStream.range(0, 100).boxed().toList(), seen);
  }

  @Test
  void askingUpwardOrSidewaysOrOneselfIsRefused() {
    Counter low = new Counter(Rank.INODE);
    Counter other = new Counter(Rank.INODE);
    Counter high = new Counter(Rank.MEMORY);
    assertEquals(1, high.inside(low::increment));
    assertThrows(AskOrderException.class, () -> low.inside(high::increment));
    assertThrows(AskOrderException.class, () -> low.inside(other::increment));
    assertThrows(AskOrderException.class, () -> low.inside(low::increment));
    assertEquals(2, low.increment());
  }

  @Test
  void tellFromInsideAnotherActorIsAllowedInAnyDirection() {
    Counter low = new Counter(Rank.INODE);
    Counter high = new Counter(Rank.MEMORY);
    low.inside(
        () -> {
          high.incrementLater();
          return null;
        });
    Awaitility.await().until(() -> high.value() == 1);
  }

  @Test
  void exceptionsPassThroughAskAndLeaveTheActorUsable() {
    Counter c = new Counter(Rank.INODE);
    IllegalArgumentException thrown = new IllegalArgumentException("x");
    assertSame(
        thrown,
        assertThrows(
            IllegalArgumentException.class,
            () ->
                c.inside(
                    () -> {
                      throw thrown;
                    })));
    assertEquals(1, c.increment());
  }

  @Test
  void exceptionsOfToldMessagesGoToTheFailureHook() {
    Counter c = new Counter(Rank.INODE);
    IllegalStateException thrown = new IllegalStateException("y");
    c.failLater(thrown);
    assertSame(thrown, c.failure.get());
    assertEquals(1, c.increment());
  }

  private static Object awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }
}
