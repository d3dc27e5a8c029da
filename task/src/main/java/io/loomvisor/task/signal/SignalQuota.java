package io.loomvisor.task.signal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many signals are queued for the processes of each real user: what RLIMIT_SIGPENDING limits
 * (getrlimit(2); Linux: UCOUNT_RLIMIT_SIGPENDING). One per sandbox; counters only, any thread.
 */
public final class SignalQuota {
  /** Only users who have any. */
  private final Map<Integer, Integer> queued = new ConcurrentHashMap<>();

  /** One signal's place in the quota; given back once. */
  public final class Charge {
    private final int uid;

    private Charge(int uid) {
      this.uid = uid;
    }

    void release() {
      queued.computeIfPresent(uid, (u, n) -> n == 1 ? null : n - 1);
    }
  }

  /**
   * A place for one signal more.
   *
   * @return null if {@code limit} are queued already
   */
  public Charge charge(int uid, long limit) {
    boolean[] granted = new boolean[1];
    queued.compute(
        uid,
        (u, n) -> {
          int now = n == null ? 0 : n;
          granted[0] = now < limit;
          return granted[0] ? Integer.valueOf(now + 1) : n;
        });
    return granted[0] ? new Charge(uid) : null;
  }

  /** Signals queued for that user (SigQ of /proc/PID/status). */
  public int queued(int uid) {
    return queued.getOrDefault(uid, 0);
  }
}
