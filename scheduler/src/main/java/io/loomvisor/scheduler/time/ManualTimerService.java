package io.loomvisor.scheduler.time;

import java.util.Comparator;
import java.util.PriorityQueue;

/** A timer service whose clock stands still until a test moves it. One thread only. */
public final class ManualTimerService implements TimerService {
  private static final class Entry implements Timer {
    final long deadline;
    final long order;
    final Runnable action;
    boolean pending = true;

    Entry(long deadline, long order, Runnable action) {
      this.deadline = deadline;
      this.order = order;
      this.action = action;
    }

    @Override
    public boolean cancel() {
      boolean was = pending;
      pending = false;
      return was;
    }
  }

  private final PriorityQueue<Entry> heap =
      new PriorityQueue<>(
          Comparator.comparingLong((Entry e) -> e.deadline).thenComparingLong(e -> e.order));
  private long now;
  private long scheduled;

  @Override
  public long now() {
    return now;
  }

  @Override
  public Timer schedule(long deadline, Runnable action) {
    Entry entry = new Entry(deadline, scheduled++, action);
    heap.add(entry);
    return entry;
  }

  /**
   * Moves the clock on by {@code nanos} and runs what becomes due, in the order of deadlines, each
   * at its own time.
   */
  public void advance(long nanos) {
    long target = now + nanos;
    for (Entry e = heap.peek(); e != null && e.deadline <= target; e = heap.peek()) {
      heap.poll();
      if (e.pending) {
        e.pending = false;
        now = Math.max(now, e.deadline);
        e.action.run();
      }
    }
    now = target;
  }

  @Override
  public void close() {
    heap.clear();
  }
}
