package io.loomvisor.scheduler.wait;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tells that somebody may have been woken, for those who wait without being registered anywhere: a
 * task that stands by inside the guest, its call not even begun (docs/standby.md). What woke whom
 * is not told. All methods: any thread.
 */
public final class WakeUps {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final List<Runnable> LISTENERS = new CopyOnWriteArrayList<>();

  private WakeUps() {}

  /**
   * What somebody may wait for has happened. Tasks look at {@link #count} themselves before they go
   * back to their application; what platform threads do is passed on at once.
   */
  public static void happened() {
    COUNT.getAndIncrement();
    if (!Thread.currentThread().isVirtual()) {
      passOn();
    }
  }

  private static void passOn() {
    for (Runnable listener : LISTENERS) {
      listener.run();
    }
  }

  /** As {@code body}, for a virtual thread that is no task: what it has done is passed on then. */
  public static Runnable passingOn(Runnable body) {
    return () -> {
      int before = count();
      try {
        body.run();
      } finally {
        if (count() != before) {
          passOn();
        }
      }
    };
  }

  /** Changes with each wake-up; which value it has says nothing. */
  public static int count() {
    return COUNT.get();
  }

  /**
   * Has {@code listener} run on each thread that wakes somebody and is no task's; it must take some
   * nanoseconds only.
   */
  public static void listen(Runnable listener) {
    LISTENERS.add(listener);
  }

  public static void unlisten(Runnable listener) {
    LISTENERS.remove(listener);
  }
}
