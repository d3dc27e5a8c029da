package io.loomvisor.kernel.futex;

import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.memory.FutexKey;

/**
 * One thread that sleeps in one queue; a thread that waits for several futexes has one for each.
 * The key changes by requeue. State of the {@link Futexes} actor; {@link #woken} is read by the
 * sleeper.
 */
final class Waiter {
  final Sleeper sleeper;
  final int bitset;
  FutexKey key;
  volatile boolean woken;

  /** Not null: waits to be moved to that lock (FUTEX_WAIT_REQUEUE_PI). */
  final PiWaiter target;

  Waiter(Sleeper sleeper, int bitset, FutexKey key) {
    this(sleeper, bitset, key, null);
  }

  Waiter(Sleeper sleeper, int bitset, FutexKey key, PiWaiter target) {
    this.sleeper = sleeper;
    this.bitset = bitset;
    this.key = key;
    this.target = target;
  }
}
