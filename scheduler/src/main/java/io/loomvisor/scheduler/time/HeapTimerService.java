package io.loomvisor.scheduler.time;

import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.scheduler.jfr.TimerEvent;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The timer service of production: a heap owned by one daemon platform thread named "timers".
 * Others hand new timers over in a queue; a cancelled timer stays in the heap until its deadline,
 * or until half of the heap is cancelled.
 */
public final class HeapTimerService implements TimerService {
  private static final int PENDING = 0;
  private static final int STARTED = 1;
  private static final int CANCELLED = 2;
  private static final int SWEEP_AT_LEAST = 64;

  private final class Entry implements Timer, Comparable<Entry> {
    final long deadline;
    final Runnable action;
    final AtomicInteger state = new AtomicInteger(PENDING);

    Entry(long deadline, Runnable action) {
      this.deadline = deadline;
      this.action = action;
    }

    @Override
    public int compareTo(Entry other) {
      return Long.compare(deadline, other.deadline);
    }

    @Override
    public boolean cancel() {
      if (!state.compareAndSet(PENDING, CANCELLED)) {
        return false;
      }
      cancelled.incrementAndGet();
      return true;
    }
  }

  private final ConcurrentLinkedQueue<Entry> added = new ConcurrentLinkedQueue<>();
  private final AtomicInteger cancelled = new AtomicInteger();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * When the thread will look again by itself; read by those who add, to wake it only if they are
   * earlier.
   */
  private volatile long nextLook = Long.MIN_VALUE;

  public HeapTimerService() {
    thread = Thread.ofPlatform().daemon().name("timers").unstarted(this::loop);
    thread.start();
  }

  @Override
  public long now() {
    return System.nanoTime();
  }

  @Override
  public Timer schedule(long deadline, Runnable action) {
    Entry entry = new Entry(deadline, action);
    added.add(entry);
    if (deadline < nextLook) {
      LockSupport.unpark(thread);
    }
    return entry;
  }

  private void loop() {
    PriorityQueue<Entry> heap = new PriorityQueue<>();
    while (!closed) {
      // First announce "wake me for anything", then look: an entry added after the look unparks us.
      nextLook = Long.MAX_VALUE;
      for (Entry e = added.poll(); e != null; e = added.poll()) {
        heap.add(e);
      }
      runDue(heap);
      sweep(heap);
      sleepUntilNext(heap);
    }
  }

  private void runDue(PriorityQueue<Entry> heap) {
    for (Entry e = heap.peek(); e != null && e.deadline <= now(); e = heap.peek()) {
      heap.poll();
      if (e.state.compareAndSet(PENDING, STARTED)) {
        if (Recording.POSSIBLE) {
          runRecorded(e);
        } else {
          run(e.action);
        }
      } else {
        cancelled.decrementAndGet();
      }
    }
  }

  private void runRecorded(Entry e) {
    TimerEvent event = new TimerEvent();
    event.lateness = now() - e.deadline;
    event.begin();
    run(e.action);
    event.commit();
  }

  /**
   * One failing callback must not stop the others; its failure goes where uncaught exceptions go.
   */
  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error e) {
      Thread t = Thread.currentThread();
      t.getUncaughtExceptionHandler().uncaughtException(t, e);
    }
  }

  private void sweep(PriorityQueue<Entry> heap) {
    if (heap.size() >= SWEEP_AT_LEAST && cancelled.get() > heap.size() / 2) {
      int before = heap.size();
      heap.removeIf(e -> e.state.get() == CANCELLED);
      cancelled.addAndGet(heap.size() - before);
    }
  }

  private void sleepUntilNext(PriorityQueue<Entry> heap) {
    Entry first = heap.peek();
    nextLook = first == null ? Long.MAX_VALUE : first.deadline;
    if (!added.isEmpty() || closed) {
      return;
    }
    if (first == null) {
      LockSupport.park(this);
    } else {
      long left = first.deadline - now();
      if (left > 0) {
        LockSupport.parkNanos(this, left);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
