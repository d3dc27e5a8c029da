package io.loomvisor.kernel.process;

import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryManager;

/** What the end of a thread needs of futexes (futex(2), get_robust_list(2)). */
public interface ThreadFutexes {
  /**
   * Marks the robust futexes that {@code task} still holds with FUTEX_OWNER_DIED and wakes one
   * waiter of each.
   */
  void releaseRobust(Task task);

  /** Wakes up to {@code count} waiters at {@code address}. */
  void wake(MemoryManager memory, long address, int count);
}
