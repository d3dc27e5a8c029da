package io.loomvisor.scheduler.vcpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * A platform thread that ticks only while it is needed. It must not be a virtual thread: those are
 * not scheduled when every carrier sits in the application, which is just when this one has work.
 */
final class PreemptionClock implements AutoCloseable {
  private final long period;
  private final LongSupplier tick;
  private final Thread thread;
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile boolean needed;
  private volatile boolean closed;

  /**
   * @param period ns until the first tick after it has been woken
   * @param tick returns in how many ns the next one is needed, {@link RunQueue#NEVER} for none
   */
  PreemptionClock(long period, LongSupplier tick) {
    this.period = period;
    this.tick = tick;
    thread = Thread.ofPlatform().daemon().name("preemption-clock").unstarted(this::loop);
  }

  /** Starts the ticking. Any thread; cheap while it ticks already. */
  void wake() {
    if (!needed) {
      needed = true;
      if (!started.get() && started.compareAndSet(false, true)) {
        thread.start();
      }
      LockSupport.unpark(thread);
    }
  }

  private void loop() {
    long pause = period;
    while (!closed) {
      if (needed) {
        LockSupport.parkNanos(this, pause);
        // Cleared before the look: a waiter that comes after the look sets it again.
        needed = false;
        long next = tick.getAsLong();
        pause = next == RunQueue.NEVER ? period : next;
        if (next != RunQueue.NEVER) {
          needed = true;
        }
      } else {
        LockSupport.park(this);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
