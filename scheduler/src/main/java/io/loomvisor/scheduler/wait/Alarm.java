package io.loomvisor.scheduler.wait;

import io.loomvisor.scheduler.time.TimerService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Wakes one thread at the deadline of its present sleep. Most sleeps with a deadline end before it,
 * and the next one ends later: so there is one timer, which stays when the sleep is over, and finds
 * out what it is for when its time has come. {@link LockSupport#parkNanos} of a virtual thread
 * wakes a thread of the host each time instead.
 *
 * <p>{@link #set} and {@link #clear} are the sleeper's own, the rest is the timer's.
 */
final class Alarm {
  private final TimerService timers;
  private final AtomicReference<Pending> pending = new AtomicReference<>();
  private volatile Thread sleeper;

  /** Written before {@link #pending} is looked at, read after that has been taken away. */
  private volatile long deadline = Sleeper.FOREVER;

  /** The timer that there is. A cancelled one, which may stay with the service, keeps nobody. */
  private static final class Pending implements Runnable {
    final long at;
    volatile Alarm alarm;
    volatile TimerService.Timer timer;

    Pending(long at, Alarm alarm) {
      this.at = at;
      this.alarm = alarm;
    }

    void cancel() {
      alarm = null;
      TimerService.Timer made = timer;
      if (made != null) {
        made.cancel();
      }
    }

    @Override
    public void run() {
      Alarm mine = alarm;
      if (mine != null) {
        mine.rings(this);
      }
    }
  }

  Alarm(TimerService timers) {
    this.timers = timers;
  }

  /** The caller is to be woken at that time, whatever has been set before. */
  void set(long at) {
    sleeper = Thread.currentThread();
    deadline = at;
    Pending now = pending.get();
    while ((now == null || now.at > at) && !replace(now, at)) {
      now = pending.get();
    }
  }

  /** The sleep is over. */
  void clear() {
    deadline = Sleeper.FOREVER;
  }

  /** There will be no sleep any more. */
  void close() {
    clear();
    Pending last = pending.getAndSet(null);
    if (last != null) {
      last.cancel();
    }
  }

  private boolean replace(Pending before, long at) {
    Pending now = new Pending(at, this);
    if (!pending.compareAndSet(before, now)) {
      return false;
    }
    if (before != null) {
      before.cancel();
    }
    now.timer = timers.schedule(at, now);
    return true;
  }

  private void rings(Pending timer) {
    if (!pending.compareAndSet(timer, null)) {
      return;
    }
    long at = deadline;
    if (at == Sleeper.FOREVER) {
      return;
    }
    if (timers.now() >= at) {
      LockSupport.unpark(sleeper);
    } else {
      replace(null, at); // unless the sleeper has done it meanwhile
    }
  }
}
