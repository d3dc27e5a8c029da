package io.loomvisor.kernel.futex;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.FutexKey;
import io.loomvisor.task.memory.MemoryManager;

/** A thread that wants a priority-inheritance futex. State of the {@link Futexes} actor. */
final class PiWaiter {
  private static final int MAX_TRIES = 1000;

  final Task task;
  final FutexKey key;
  private final MemoryManager memory;
  private final long address;

  /** It has the lock; read by the sleeper. */
  volatile boolean acquired;

  PiWaiter(Task task, FutexKey key, long address) {
    this.task = task;
    this.key = key;
    this.memory = task.memoryManager();
    this.address = address;
  }

  /** The word as this thread's address space has it; EFAULT. */
  int word() {
    return memory.getIntVolatile(address);
  }

  /** Whether the word was {@code expected} and is {@code update} now. */
  boolean swap(int expected, int update) {
    return memory.compareAndSwapInt(address, expected, update) == expected;
  }

  /** Real-time priorities go first, all others are alike (rtmutex: __waiter_prio). */
  int priority() {
    return task.scheduling().priority();
  }

  /**
   * Makes this the owner: the word says so, unless the application has taken its page away or keeps
   * changing it, which only it will feel.
   */
  void acquire(int died) {
    try {
      boolean done = false;
      for (int tries = 0; !done && tries < MAX_TRIES; tries++) {
        int word = word();
        int kept = word & FutexWord.OWNER_DIED | died;
        done = swap(word, kept | FutexWord.WAITERS | task.threadId());
      }
    } catch (LinuxException e) {
      assert e.errno() != null;
    }
    acquired = true;
  }
}
