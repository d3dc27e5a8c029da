package io.loomvisor.kernel.time;

import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.SignalInfo;

/**
 * One interval or POSIX timer that ends in a signal. Plain state, owned by {@link ProcessTimers}. A
 * periodic timer goes on when its signal is taken out of the queue, and counts then what it has
 * missed (timer_getoverrun(2)).
 */
final class SignalTimer {
  final TimerClock clock;

  /** What it sends; null for SIGEV_NONE. */
  final SignalInfo signal;

  /** The one thread it is for; null for the process. */
  final Task target;

  /** On {@link #clock}; 0: not armed. */
  long expiry;

  long interval;

  /** Its signal is in the queue. */
  boolean queued;

  int overrun;

  /** Goes up with every setting, so that what was under way for an earlier one is known. */
  int setting;

  TimerService.Timer wake;

  SignalTimer(TimerClock clock, SignalInfo signal, Task target) {
    this.clock = clock;
    this.signal = signal;
    this.target = target;
  }

  boolean armed() {
    return expiry != 0;
  }

  /**
   * Moves a periodic timer past {@code now}; how many times it has expired. A single one is
   * disarmed.
   */
  long advance(long now) {
    if (!armed() || now < expiry) {
      return 0;
    }
    if (interval == 0) {
      expiry = 0;
      return 1;
    }
    long n = (now - expiry) / interval + 1;
    long next = expiry + n * interval;
    expiry = next <= 0 ? Long.MAX_VALUE : next;
    return n;
  }

  /** Time left until the next expiration, at least 1 while one is under way; 0 if not armed. */
  long remaining(long now) {
    if (!armed()) {
      return 0;
    }
    long left = expiry - now;
    if (left <= 0 && interval > 0) {
      return interval - -left % interval;
    }
    return left > 0 ? left : signal == null ? 0 : 1;
  }
}
