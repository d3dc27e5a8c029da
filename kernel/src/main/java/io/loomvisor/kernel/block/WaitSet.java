package io.loomvisor.kernel.block;

import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.task.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * The queues on which one task waits at once. The course is: {@link #add} all queues, then
 * repeatedly {@link #arm}, look whether it has happened, {@link #sleep}; {@link #close} takes the
 * registrations out. Own thread of the task only.
 */
public final class WaitSet implements AutoCloseable {
  private final Task task;
  private final WaitEntry entry;
  private final List<WaitQueue> queues = new ArrayList<>(1);

  /**
   * Nothing is registered yet.
   *
   * @throws io.loomvisor.task.NotAside if this is not the task's own thread
   */
  public WaitSet(Task task) {
    task.requireOwnThread();
    this.task = task;
    Sleeper sleeper = task.sleeper();
    this.entry = events -> sleeper.ready();
  }

  /** Waits for {@code mask} on {@code queue} too; null for an object that is always ready. */
  public void add(WaitQueue queue, int mask) {
    if (queue != null) {
      queue.register(entry, mask);
      queues.add(queue);
    }
  }

  /** Forgets earlier wake-ups; look at the condition after this. */
  public void arm() {
    task.sleeper().arm();
  }

  /** Sleeps until woken, interrupted or {@code deadline} ({@link System#nanoTime}). */
  public Sleeper.Wake sleep(long deadline) {
    return task.sleep(deadline);
  }

  @Override
  public void close() {
    for (WaitQueue q : queues) {
      q.unregister(entry);
    }
  }
}
