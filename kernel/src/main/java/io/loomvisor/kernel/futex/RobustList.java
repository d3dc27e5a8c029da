package io.loomvisor.kernel.futex;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.task.Task;

/**
 * The list of robust futexes that a thread holds when it ends (get_robust_list(2);
 * kernel/futex/core.c: exit_robust_list). The list is application memory: it is walked a bounded
 * number of steps and given up at the first bad pointer.
 */
final class RobustList {
  /** struct robust_list_head: next, futex_offset, list_op_pending. */
  private static final int OFFSET = 8;

  private static final int PENDING = 16;
  private static final int LIMIT = 2048;

  private final Task task;
  private final Futexes futexes;

  RobustList(Task task, Futexes futexes) {
    this.task = task;
    this.futexes = futexes;
  }

  void release() {
    long head = task.pointers().robustList();
    task.pointers().setRobustList(0);
    if (head == 0) {
      return;
    }
    try {
      walk(head);
    } catch (LinuxException e) {
      // The thread is ending and the list is broken: as Linux, leave the rest as it is.
      assert e.errno() != null;
    }
  }

  private void walk(long head) {
    long offset = task.memory().getLong(head + OFFSET);
    long pending = task.memory().getLong(head + PENDING);
    long entry = task.memory().getLong(head);
    for (int i = 0; i < LIMIT && untagged(entry) != head; i++) {
      long next = task.memory().getLong(untagged(entry));
      if (untagged(entry) != untagged(pending)) {
        die(untagged(entry) + offset, isPi(entry));
      }
      entry = next;
    }
    if (untagged(pending) != 0) {
      die(untagged(pending) + offset, isPi(pending));
    }
  }

  /** Bit 0 marks priority-inheritance futexes. */
  private static long untagged(long pointer) {
    return pointer & ~1L;
  }

  private static boolean isPi(long pointer) {
    return (pointer & 1) != 0;
  }

  /** Waiters for a lock with priority inheritance get it from {@link PiLocks#ownerGone}. */
  private void die(long address, boolean pi) {
    for (; ; ) {
      int word = task.memory().getInt(address);
      if ((word & FutexWord.TID_MASK) != task.threadId()) {
        return;
      }
      if (task.memory()
              .compareAndSwapInt(address, word, word & FutexWord.WAITERS | FutexWord.OWNER_DIED)
          == word) {
        if (!pi && (word & FutexWord.WAITERS) != 0) {
          futexes.wake(task.memoryManager(), address, 1);
        }
        return;
      }
    }
  }
}
