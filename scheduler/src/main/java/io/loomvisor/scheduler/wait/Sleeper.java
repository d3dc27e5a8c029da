package io.loomvisor.scheduler.wait;

import io.loomvisor.scheduler.time.TimerService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Where one task sleeps. The owner calls {@link #arm()}, registers with what it waits for, looks
 * once more whether it has happened, and {@link #sleep sleeps}; anybody may call {@link #ready()}
 * or {@link #interrupt()}.
 *
 * <p>{@code ready} is forgotten by {@link #arm()}; {@code interrupt} sticks until {@link
 * #clearInterrupt()}, as a pending signal does.
 */
public final class Sleeper {
  /** Why {@link #sleep} returned. */
  public enum Wake {
    READY,
    INTERRUPTED,
    TIMED_OUT
  }

  /** For {@link #sleep}: no deadline. */
  public static final long FOREVER = Long.MAX_VALUE;

  private static final int READY = 1;
  private static final int INTERRUPT = 2;

  private final AtomicInteger state = new AtomicInteger();
  private volatile Thread owner;

  /** Null: the thread wakes itself up at deadlines. */
  private Alarm alarm;

  /** Names the thread that sleeps here; called by that thread before its first sleep. */
  public void bind(Thread thread) {
    owner = thread;
  }

  /** Has deadlines kept by that service, which is cheaper; before the first sleep. */
  public void wakeBy(TimerService timers) {
    alarm = new Alarm(timers);
  }

  /** There will be no sleep any more. Owner only. */
  public void close() {
    if (alarm != null) {
      alarm.close();
    }
  }

  /** Who sleeps here; null before {@link #bind}. */
  public Thread owner() {
    return owner;
  }

  /** Forgets earlier {@link #ready} calls. Owner only. */
  public void arm() {
    state.getAndUpdate(s -> s & ~READY);
  }

  /** Wakes the owner: what it waits for may have happened. */
  public void ready() {
    raise(READY);
  }

  /** Wakes the owner out of an interruptible sleep, now or when it next tries one. */
  public void interrupt() {
    raise(INTERRUPT);
  }

  /** Withdraws an interrupt. Owner only. */
  public void clearInterrupt() {
    state.getAndUpdate(s -> s & ~INTERRUPT);
  }

  public boolean interrupted() {
    return (state.get() & INTERRUPT) != 0;
  }

  /**
   * Sleeps until ready, interrupted (only if {@code interruptible}) or {@code deadline} on the
   * {@link System#nanoTime} clock, {@link #FOREVER} for none. Readiness wins over interruption, and
   * both over the deadline.
   */
  public Wake sleep(long deadline, boolean interruptible) {
    if (deadline == FOREVER || alarm == null) {
      return sleepOn(deadline, interruptible);
    }
    alarm.set(deadline);
    try {
      return sleepOn(deadline, interruptible);
    } finally {
      alarm.clear();
    }
  }

  private Wake sleepOn(long deadline, boolean interruptible) {
    for (; ; ) {
      int s = state.get();
      if ((s & READY) != 0) {
        return Wake.READY;
      }
      if (interruptible && (s & INTERRUPT) != 0) {
        return Wake.INTERRUPTED;
      }
      if (deadline == FOREVER) {
        LockSupport.park(this);
      } else {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return Wake.TIMED_OUT;
        }
        if (alarm != null) {
          LockSupport.park(this);
        } else {
          LockSupport.parkNanos(this, left);
        }
      }
    }
  }

  private void raise(int bit) {
    if ((state.getAndUpdate(s -> s | bit) & bit) == 0) {
      LockSupport.unpark(owner);
    }
  }
}
