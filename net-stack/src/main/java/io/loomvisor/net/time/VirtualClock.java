package io.loomvisor.net.time;

import java.util.TreeSet;

/**
 * A clock that moves only when told to. Timers run on the thread that advances it, in order of
 * deadline, each with the clock standing at its deadline. One thread drives the clock and the
 * stacks that use it.
 */
public final class VirtualClock implements Clock {
  private final TreeSet<Entry> queue = new TreeSet<>();
  private long now = SECOND;
  private long sequence;

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public Timer schedule(long deadline, Runnable action) {
    Entry e = new Entry(Math.max(deadline, now), sequence++, action);
    queue.add(e);
    return () -> queue.remove(e);
  }

  /** Moves time forward by {@code nanos}, running what falls due. */
  public void advance(long nanos) {
    long target = now + nanos;
    while (!queue.isEmpty() && queue.first().deadline <= target) {
      runNext();
    }
    now = target;
  }

  /** Moves to the next timer and runs it; false if there is none. */
  public boolean runNext() {
    Entry e = queue.pollFirst();
    if (e == null) {
      return false;
    }
    now = Math.max(now, e.deadline);
    e.action.run();
    return true;
  }

  /** Timers not yet run. */
  public int pending() {
    return queue.size();
  }

  private record Entry(long deadline, long sequence, Runnable action) implements Comparable<Entry> {
    @Override
    public int compareTo(Entry o) {
      int c = Long.compare(deadline, o.deadline);
      return c != 0 ? c : Long.compare(sequence, o.sequence);
    }
  }
}
