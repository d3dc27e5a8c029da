package io.loomvisor.task.signal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many signals are queued for the processes of each real user: what RLIMIT_SIGPENDING limits
 * (getrlimit(2); Linux: UCOUNT_RLIMIT_SIGPENDING). One per sandbox; counters only, any thread.
 */
public final class SignalQuota {
  private final Map<Integer, AtomicInteger> queued = new ConcurrentHashMap<>();

  /** One signal's place in the quota; given back once. */
  public static final class Charge {
    private final AtomicInteger counter;

    private Charge(AtomicInteger counter) {
      this.counter = counter;
    }

    void release() {
      counter.decrementAndGet();
    }
  }

  /**
   * A place for one signal more.
   *
   * @return null if {@code limit} are queued already
   */
  public Charge charge(int uid, long limit) {
    AtomicInteger counter = queued.computeIfAbsent(uid, u -> new AtomicInteger());
    int now = counter.incrementAndGet();
    if (now > limit) {
      counter.decrementAndGet();
      return null;
    }
    return new Charge(counter);
  }

  /** Signals queued for that user (SigQ of /proc/PID/status). */
  public int queued(int uid) {
    AtomicInteger counter = queued.get(uid);
    return counter == null ? 0 : counter.get();
  }
}
