package io.loomvisor.kernel.futex;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.FutexKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Locks that priority-inheritance futexes stand for while somebody waits for them
 * (kernel/futex/pi.c). The owner is in the word; here are those who wait. An unlocked word passes
 * from owner to waiter in one step, so nobody can barge in. No priority is lent: the vCPU pool
 * knows none. Plain state of the {@link Futexes} actor.
 */
final class PiLocks {
  /** An application that keeps changing the word meanwhile must not hold the actor up. */
  private static final int MAX_TRIES = 1000;

  private static final class Lock {
    Task owner;
    final List<PiWaiter> waiters = new ArrayList<>();
  }

  private final Map<FutexKey, Lock> locks = new HashMap<>();
  private final IntFunction<Task> threads;

  /**
   * @param threads finds a live thread by its id; null if there is none
   */
  PiLocks(IntFunction<Task> threads) {
    this.threads = threads;
  }

  boolean contended(FutexKey key) {
    return locks.containsKey(key);
  }

  /**
   * Takes the lock for {@code w}, or has it wait (futex_lock_pi_atomic).
   *
   * @param mayWait false: only marks the word as contended
   * @return whether it has the lock
   */
  boolean lock(PiWaiter w, boolean mayWait) {
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      int word = w.word();
      int owner = FutexWord.owner(word);
      if (owner == w.task.threadId()) {
        throw Errno.EDEADLK.exception();
      }
      Lock lock = locks.get(w.key);
      if (lock != null && lock.owner.threadId() != owner) {
        throw Errno.EINVAL.exception(); // the application has scribbled over the word
      }
      if (lock == null && owner == 0) {
        int mine = word & FutexWord.OWNER_DIED | w.task.threadId();
        if (w.swap(word, mine)) {
          return true;
        }
        continue;
      }
      if (!w.swap(word, word | FutexWord.WAITERS)) {
        continue;
      }
      Task holder = lock != null ? lock.owner : threads.apply(owner);
      if (holder == null || holder.pointers().futexesReleased()) {
        throw Errno.ESRCH.exception();
      }
      if (mayWait) {
        enqueue(w, holder);
      }
      return false;
    }
    throw Errno.EAGAIN.exception();
  }

  private void enqueue(PiWaiter w, Task owner) {
    Lock lock = locks.computeIfAbsent(w.key, k -> new Lock());
    lock.owner = owner;
    int at = lock.waiters.size();
    while (at > 0 && lock.waiters.get(at - 1).priority() < w.priority()) {
      at--;
    }
    lock.waiters.add(at, w);
  }

  /**
   * FUTEX_UNLOCK_PI of a word that {@code owner} has.
   *
   * @return who has it now; null for nobody
   */
  PiWaiter unlock(PiWaiter owner) {
    Lock lock = locks.get(owner.key);
    if (lock != null) {
      if (lock.owner != owner.task) {
        throw Errno.EINVAL.exception();
      }
      return passOn(owner.key, lock, 0);
    }
    for (int tries = 0; tries < MAX_TRIES; tries++) {
      int word = owner.word();
      if (FutexWord.owner(word) != owner.task.threadId()) {
        throw Errno.EPERM.exception();
      }
      if (owner.swap(word, 0)) {
        return null;
      }
    }
    throw Errno.EAGAIN.exception();
  }

  private PiWaiter passOn(FutexKey key, Lock lock, int died) {
    PiWaiter next = lock.waiters.removeFirst();
    next.acquire(died);
    lock.owner = next.task;
    if (lock.waiters.isEmpty()) {
      locks.remove(key);
    }
    return next;
  }

  /** A waiter gives up; false if it has got the lock meanwhile. */
  boolean withdraw(PiWaiter w) {
    if (w.acquired) {
      return false;
    }
    Lock lock = locks.get(w.key);
    if (lock != null && lock.waiters.remove(w) && lock.waiters.isEmpty()) {
      locks.remove(w.key);
    }
    return true;
  }

  /**
   * The thread is gone or about to run another program: whoever waits for its locks gets them
   * (exit_pi_state_list).
   */
  List<PiWaiter> ownerGone(Task task) {
    List<PiWaiter> heirs = new ArrayList<>();
    for (Iterator<Map.Entry<FutexKey, Lock>> it = locks.entrySet().iterator(); it.hasNext(); ) {
      Lock lock = it.next().getValue();
      if (lock.owner != task) {
        continue;
      }
      PiWaiter next = lock.waiters.removeFirst();
      next.acquire(FutexWord.OWNER_DIED);
      lock.owner = next.task;
      heirs.add(next);
      if (lock.waiters.isEmpty()) {
        it.remove();
      }
    }
    return heirs;
  }
}
