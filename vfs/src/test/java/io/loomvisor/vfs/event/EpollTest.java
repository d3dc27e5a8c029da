package io.loomvisor.vfs.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.io.HeapBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EpollTest {
  private final EpollNesting nesting = new EpollNesting();

  private static EventCounter counter(int value) {
    return new EventCounter(value, false, OpenFlags.O_NONBLOCK);
  }

  private static void add(EventCounter c, long value) {
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    assertEquals(8, c.write(HeapBuffer.wrap(bytes)));
  }

  private static List<Long> collect(Epoll e, int max) {
    List<Long> data = new ArrayList<>();
    e.collect(max, (events, d) -> data.add(d));
    return data;
  }

  @Test
  void looksOnlyAtWhatMayBeReady() {
    Epoll epoll = new Epoll(nesting);
    List<EventCounter> all = new ArrayList<>();
    AtomicLong asked = new AtomicLong();
    for (int i = 0; i < 10_000; i++) {
      EventCounter c = counter(0);
      all.add(c);
      epoll.add(c, i, PollEvents.POLLIN, i);
    }
    assertEquals(List.of(), collect(epoll, 100));
    add(all.get(777), 1);
    add(all.get(3), 1);
    epoll.collect(100, (events, d) -> asked.incrementAndGet() > 0);
    assertEquals(2, asked.get());
    assertEquals(List.of(777L, 3L), collect(epoll, 100));
  }

  @Test
  void levelTriggeredTakeTurns() {
    Epoll epoll = new Epoll(nesting);
    for (int i = 0; i < 3; i++) {
      epoll.add(counter(1), i, PollEvents.POLLIN, i);
    }
    List<Long> seen = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      seen.addAll(collect(epoll, 1));
    }
    assertEquals(List.of(0L, 1L, 2L, 0L, 1L, 2L), seen);
  }

  @Test
  void closingTheTargetEndsTheWatch() {
    Epoll epoll = new Epoll(nesting);
    EventCounter c = counter(1);
    epoll.add(c, 5, PollEvents.POLLIN, 1);
    c.release();
    assertEquals(0, epoll.watched());
    assertEquals(List.of(), collect(epoll, 10));
    assertTrue(c.waitQueue().isEmpty());
  }

  @Test
  void closingTheInstanceLetsTargetsGo() {
    Epoll epoll = new Epoll(nesting);
    EventCounter c = counter(1);
    epoll.add(c, 5, PollEvents.POLLIN, 1);
    epoll.release();
    assertTrue(c.waitQueue().isEmpty());
  }

  @Test
  void whatCouldNotBeTakenComesFirstNextTime() {
    Epoll epoll = new Epoll(nesting);
    epoll.add(counter(1), 1, PollEvents.POLLIN | PollEvents.EPOLLET, 1);
    epoll.add(counter(1), 2, PollEvents.POLLIN | PollEvents.EPOLLET, 2);
    assertEquals(0, epoll.collect(10, (events, d) -> false));
    assertEquals(List.of(1L, 2L), collect(epoll, 10));
    assertEquals(List.of(), collect(epoll, 10));
  }

  @Test
  void refusesCircles() {
    Epoll a = new Epoll(nesting);
    Epoll b = new Epoll(nesting);
    a.add(b, 3, PollEvents.POLLIN, 0);
    LinuxException e = assertThrows(LinuxException.class, () -> b.add(a, 4, PollEvents.POLLIN, 0));
    assertEquals(Errno.ELOOP, e.errno());
  }

  @Test
  void endedWatchesDoNotPileUpOnTheReadyList() {
    Epoll epoll = new Epoll(nesting);
    for (int i = 0; i < 10_000; i++) {
      EventCounter c = counter(1);
      epoll.add(c, 1, PollEvents.POLLIN, 0);
      c.release();
    }
    assertTrue(epoll.mayBeReady() < 1_000, "left on the list: " + epoll.mayBeReady());
  }

  /**
   * Edge-triggered: every addition between two reads is announced, whichever of two waiters takes
   * it.
   */
  @Test
  void twoWaitersLoseNothing() throws InterruptedException {
    Epoll epoll = new Epoll(nesting);
    EventCounter c = counter(0);
    epoll.add(c, 1, PollEvents.POLLIN | PollEvents.EPOLLET, 0);
    AtomicLong total = new AtomicLong();
    Runnable waiter =
        () -> {
          while (total.get() < 20_000) {
            if (epoll.collect(1, (events, d) -> true) > 0) {
              byte[] bytes = new byte[8];
              try {
                c.read(HeapBuffer.wrap(bytes));
                total.addAndGet(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
              } catch (LinuxException e) {
                assertEquals(Errno.EAGAIN, e.errno());
              }
            } else {
              Thread.yield();
            }
          }
        };
    Thread one = Thread.ofVirtual().start(waiter);
    Thread two = Thread.ofVirtual().start(waiter);
    for (int i = 0; i < 20_000; i++) {
      add(c, 1);
    }
    one.join(20_000);
    two.join(20_000);
    assertEquals(20_000, total.get());
  }
}
