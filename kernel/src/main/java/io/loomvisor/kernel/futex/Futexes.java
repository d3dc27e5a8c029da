package io.loomvisor.kernel.futex;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.process.ThreadFutexes;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.scheduler.wait.WakeUps;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.FutexKey;
import io.loomvisor.task.memory.MemoryManager;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * All futex queues of the sandbox. One actor, because a requeue must move waiters between two
 * queues in one step. Wake-ups are first come, first served; sleepers are woken after the actor has
 * been left.
 */
public final class Futexes extends Actor implements ThreadFutexes {
  /** Matches every waiter. */
  public static final int ANY = -1;

  /** One futex of several to wait for: sleeps while it holds {@code expected}. */
  public record Wanted(long address, boolean privately, int expected) {}

  private final Map<FutexKey, ArrayDeque<Waiter>> queues = new HashMap<>();
  private final PiLocks locks;

  /**
   * @param threads finds a live thread by its id; null if there is none
   */
  public Futexes(IntFunction<Task> threads) {
    super(Rank.FUTEX);
    locks = new PiLocks(threads);
  }

  /**
   * Sleeps until woken if the word still holds {@code expected}.
   *
   * @param deadline on the {@link System#nanoTime} clock, {@link Sleeper#FOREVER} for none
   * @throws LinuxException EAGAIN if the word differs, ETIMEDOUT, ERESTARTSYS if interrupted,
   *     EFAULT
   */
  public void await(
      Task task, long address, boolean privately, int expected, int bitset, long deadline) {
    MemoryManager memory = task.memoryManager();
    Waiter waiter = new Waiter(task.sleeper(), bitset, memory.futexKey(address, privately));
    task.sleeper().arm();
    ask(() -> enter(task, address, expected, waiter));
    Errno end = sleep(task, deadline, () -> waiter.woken, () -> withdraw(waiter));
    if (end != null) {
      throw end.exception();
    }
  }

  /**
   * Sleeps until one of several is woken (futex_waitv(2)).
   *
   * @return its index; errors as {@link #await}
   */
  public int awaitAny(Task task, List<Wanted> wanted, long deadline) {
    MemoryManager memory = task.memoryManager();
    List<Waiter> waiters = new ArrayList<>();
    for (Wanted w : wanted) {
      FutexKey key = memory.futexKey(w.address, w.privately);
      waiters.add(new Waiter(task.sleeper(), ANY, key));
    }
    task.sleeper().arm();
    ask(
        () -> {
          int entered = 0;
          try {
            for (Wanted w : wanted) {
              enter(task, w.address, w.expected, waiters.get(entered));
              entered++;
            }
          } finally {
            if (entered < waiters.size()) {
              waiters.subList(0, entered).forEach(this::remove);
            }
          }
        });
    Errno end =
        sleep(task, deadline, () -> woken(waiters) >= 0, () -> ask(() -> withdrawAll(waiters)));
    int index = woken(waiters);
    if (end != null && index < 0) {
      throw end.exception();
    }
    ask(() -> withdrawAll(waiters));
    return index;
  }

  private static int woken(List<Waiter> waiters) {
    for (int i = 0; i < waiters.size(); i++) {
      if (waiters.get(i).woken) {
        return i;
      }
    }
    return -1;
  }

  /** False if one has been woken. */
  private boolean withdrawAll(List<Waiter> waiters) {
    boolean none = true;
    for (Waiter w : waiters) {
      none &= !w.woken;
      remove(w);
    }
    return none;
  }

  private void enter(Task task, long address, int expected, Waiter waiter) {
    if (task.memoryManager().getIntVolatile(address) != expected) {
      throw Errno.EAGAIN.exception();
    }
    task.requireOwnThread();
    queues.computeIfAbsent(waiter.key, k -> new ArrayDeque<>()).add(waiter);
  }

  /**
   * Sleeps until {@code done} or given up.
   *
   * @param giveUp asks the actor to take the waiter out; false if it is done by now
   * @return null if done, ETIMEDOUT or ERESTARTSYS
   */
  private static Errno sleep(
      Task task, long deadline, BooleanSupplier done, BooleanSupplier giveUp) {
    for (; ; ) {
      Sleeper.Wake wake = task.sleep(deadline);
      if (wake == Sleeper.Wake.READY && !done.getAsBoolean()) {
        task.sleeper().arm();
        if (!done.getAsBoolean()) {
          continue;
        }
      }
      if (done.getAsBoolean() || !giveUp.getAsBoolean()) {
        return null;
      }
      return wake == Sleeper.Wake.TIMED_OUT ? Errno.ETIMEDOUT : Errno.ERESTARTSYS;
    }
  }

  /** Takes a waiter out that gives up; false if it has been woken meanwhile. */
  private boolean withdraw(Waiter waiter) {
    return ask(
        () -> {
          remove(waiter);
          return !waiter.woken;
        });
  }

  private void remove(Waiter waiter) {
    ArrayDeque<Waiter> queue = queues.get(waiter.key);
    if (queue != null && queue.remove(waiter)) {
      dropIfEmpty(waiter.key, queue);
    }
  }

  /** Wakes up to {@code count} waiters whose bits meet {@code bitset}; how many. */
  public int wake(MemoryManager memory, long address, boolean privately, int count, int bitset) {
    WakeUps.happened();
    FutexKey key = memory.futexKey(address, privately);
    return wakeAll(ask(() -> take(key, count, bitset)));
  }

  /**
   * Wakes up to {@code wakeCount} and moves up to {@code moveCount} others to {@code target}.
   *
   * @param expected the value the first word must have, EAGAIN if not; null not to compare
   * @return woken and moved together
   */
  public int requeue(
      MemoryManager memory,
      long address,
      long target,
      boolean privately,
      int wakeCount,
      int moveCount,
      Integer expected) {
    return requeue(
        memory,
        new Wanted(address, privately, expected == null ? 0 : expected),
        memory.futexKey(target, privately),
        wakeCount,
        moveCount,
        expected != null);
  }

  /** As the other, from one futex to another of its own kind (futex_requeue(2)). */
  public int requeue(MemoryManager memory, Wanted from, Wanted to, int wakeCount, int moveCount) {
    FutexKey target = memory.futexKey(to.address, to.privately);
    return requeue(memory, from, target, wakeCount, moveCount, true);
  }

  private int requeue(
      MemoryManager memory,
      Wanted wanted,
      FutexKey to,
      int wakeCount,
      int moveCount,
      boolean compare) {
    WakeUps.happened();
    FutexKey from = memory.futexKey(wanted.address, wanted.privately);
    List<Waiter> woken = new ArrayList<>();
    int moved =
        ask(
            () -> {
              if (compare && memory.getIntVolatile(wanted.address) != wanted.expected) {
                throw Errno.EAGAIN.exception();
              }
              woken.addAll(take(from, wakeCount, ANY));
              return from.equals(to) ? 0 : move(from, to, moveCount);
            });
    return wakeAll(woken) + moved;
  }

  private int move(FutexKey from, FutexKey to, int count) {
    ArrayDeque<Waiter> queue = queues.get(from);
    int moved = 0;
    while (queue != null && moved < count && !queue.isEmpty()) {
      Waiter w = queue.poll();
      w.key = to;
      queues.computeIfAbsent(to, k -> new ArrayDeque<>()).add(w);
      moved++;
    }
    if (queue != null) {
      dropIfEmpty(from, queue);
    }
    return moved;
  }

  private List<Waiter> take(FutexKey key, int count, int bitset) {
    if (locks.contended(key)) {
      throw Errno.EINVAL.exception();
    }
    ArrayDeque<Waiter> queue = queues.get(key);
    if (queue == null) {
      return List.of();
    }
    List<Waiter> taken = new ArrayList<>();
    for (Iterator<Waiter> it = queue.iterator(); it.hasNext() && taken.size() < count; ) {
      Waiter w = it.next();
      if (w.target != null) {
        throw Errno.EINVAL.exception(); // waits to be requeued, not to be woken
      }
      if ((w.bitset & bitset) != 0) {
        it.remove();
        w.woken = true;
        taken.add(w);
      }
    }
    dropIfEmpty(key, queue);
    return taken;
  }

  private void dropIfEmpty(FutexKey key, ArrayDeque<Waiter> queue) {
    if (queue.isEmpty()) {
      queues.remove(key);
    }
  }

  private static int wakeAll(List<Waiter> waiters) {
    for (Waiter w : waiters) {
      w.sleeper.ready();
    }
    return waiters.size();
  }

  // ---------------------------------------------------------------- priority inheritance

  /**
   * FUTEX_LOCK_PI: EDEADLK if the caller has it, ESRCH if its owner is gone, EINVAL if the word is
   * not what the locks here are, ETIMEDOUT, ERESTARTNOINTR if interrupted.
   */
  public void lock(Task task, long address, boolean privately, long deadline) {
    PiWaiter w = piWaiter(task, address, privately);
    task.sleeper().arm();
    if (ask(() -> lock(w, true))) {
      return;
    }
    Errno end = sleep(task, deadline, () -> w.acquired, () -> ask(() -> locks.withdraw(w)));
    if (end != null) {
      throw (end == Errno.ETIMEDOUT ? end : Errno.ERESTARTNOINTR).exception();
    }
  }

  /** FUTEX_TRYLOCK_PI: as {@link #lock}, EAGAIN if another has it. */
  public void tryLock(Task task, long address, boolean privately) {
    PiWaiter w = piWaiter(task, address, privately);
    if (!ask(() -> lock(w, false))) {
      throw Errno.EAGAIN.exception();
    }
  }

  private static PiWaiter piWaiter(Task task, long address, boolean privately) {
    return new PiWaiter(task, task.memoryManager().futexKey(address, privately), address);
  }

  private boolean lock(PiWaiter w, boolean mayWait) {
    if (queues.containsKey(w.key)) {
      throw Errno.EINVAL.exception(); // somebody waits there as at an ordinary futex
    }
    return locks.lock(w, mayWait);
  }

  /** FUTEX_UNLOCK_PI: EPERM if another has it. */
  public void unlock(Task task, long address, boolean privately) {
    PiWaiter owner = piWaiter(task, address, privately);
    PiWaiter next = ask(() -> locks.unlock(owner));
    if (next != null) {
      next.task.sleeper().ready();
    }
  }

  /**
   * FUTEX_WAIT_REQUEUE_PI: sleeps at {@code address} until it has been given the lock at {@code
   * lockAddress}. EAGAIN if the word differs, EINVAL if both are one, ETIMEDOUT.
   */
  public void awaitRequeue(
      Task task, long address, long lockAddress, boolean privately, int expected, long deadline) {
    MemoryManager memory = task.memoryManager();
    PiWaiter target = piWaiter(task, lockAddress, privately);
    FutexKey key = memory.futexKey(address, privately);
    if (key.equals(target.key)) {
      throw Errno.EINVAL.exception();
    }
    Waiter waiter = new Waiter(task.sleeper(), ANY, key, target);
    task.sleeper().arm();
    ask(() -> enter(task, address, expected, waiter));
    Errno end =
        sleep(
            task,
            deadline,
            () -> target.acquired,
            () ->
                ask(
                    () -> {
                      remove(waiter);
                      return locks.withdraw(target);
                    }));
    if (end != null) {
      boolean moved = waiter.woken;
      Errno interrupted = moved ? Errno.EAGAIN : Errno.ERESTARTNOINTR;
      throw (end == Errno.ETIMEDOUT ? end : interrupted).exception();
    }
  }

  /**
   * FUTEX_CMP_REQUEUE_PI: gives one waiter the lock, or moves it to those who wait for that, and
   * moves up to {@code moveCount} others.
   *
   * @return how many were woken or moved
   */
  public int requeueToLock(
      Task task, long address, long lockAddress, boolean privately, int moveCount, int expected) {
    MemoryManager memory = task.memoryManager();
    FutexKey from = memory.futexKey(address, privately);
    FutexKey to = memory.futexKey(lockAddress, privately);
    if (from.equals(to)) {
      throw Errno.EINVAL.exception();
    }
    List<Waiter> woken = new ArrayList<>();
    int count =
        ask(
            () -> {
              if (memory.getIntVolatile(address) != expected) {
                throw Errno.EAGAIN.exception();
              }
              return moveToLock(
                  from, to, moveCount == Integer.MAX_VALUE ? moveCount : moveCount + 1, woken);
            });
    wakeAll(woken);
    return count;
  }

  private int moveToLock(FutexKey from, FutexKey to, int limit, List<Waiter> woken) {
    ArrayDeque<Waiter> queue = queues.get(from);
    int count = 0;
    while (queue != null && !queue.isEmpty() && count < limit) {
      Waiter w = queue.peek();
      if (w.target == null || !w.target.key.equals(to)) {
        throw Errno.EINVAL.exception();
      }
      boolean acquired = lock(w.target, true);
      queue.poll();
      w.woken = true;
      if (acquired) {
        w.target.acquired = true;
        woken.add(w);
      }
      count++;
    }
    if (queue != null) {
      dropIfEmpty(from, queue);
    }
    return count;
  }

  /** Waiters in all queues; for tests. */
  public int waiting() {
    return ask(() -> queues.values().stream().mapToInt(ArrayDeque::size).sum());
  }

  @Override
  public void wake(MemoryManager memory, long address, int count) {
    wake(memory, address, false, count, ANY);
  }

  @Override
  public void releaseRobust(Task task) {
    new RobustList(task, this).release();
    List<PiWaiter> heirs =
        ask(
            () -> {
              task.pointers().setFutexesReleased(task.ended());
              return locks.ownerGone(task);
            });
    for (PiWaiter heir : heirs) {
      heir.task.sleeper().ready();
    }
  }
}
