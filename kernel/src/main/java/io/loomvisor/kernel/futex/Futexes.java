package io.loomvisor.kernel.futex;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.process.ThreadFutexes;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.FutexKey;
import io.loomvisor.task.memory.MemoryManager;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * All futex queues of the sandbox. One actor, because a requeue must move waiters between two
 * queues in one step. Wake-ups are first come, first served; sleepers are woken after the actor has
 * been left.
 */
public final class Futexes extends Actor implements ThreadFutexes {
  /** Matches every waiter. */
  public static final int ANY = -1;

  /** One sleeping thread. The key changes by requeue. */
  private static final class Waiter {
    private final Sleeper sleeper;
    private final int bitset;
    private FutexKey key;
    private volatile boolean woken;

    Waiter(Sleeper sleeper, int bitset, FutexKey key) {
      this.sleeper = sleeper;
      this.bitset = bitset;
      this.key = key;
    }
  }

  private final Map<FutexKey, ArrayDeque<Waiter>> queues = new HashMap<>();

  public Futexes() {
    super(Rank.FUTEX);
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
    ask(
        () -> {
          if (memory.getIntVolatile(address) != expected) {
            throw Errno.EAGAIN.exception();
          }
          queues.computeIfAbsent(waiter.key, k -> new ArrayDeque<>()).add(waiter);
        });
    for (; ; ) {
      Sleeper.Wake wake = task.sleep(deadline);
      if (wake == Sleeper.Wake.READY && !waiter.woken) {
        task.sleeper().arm();
        if (!waiter.woken) {
          continue;
        }
      }
      if (waiter.woken || !withdraw(waiter)) {
        return;
      }
      throw wake == Sleeper.Wake.TIMED_OUT
          ? Errno.ETIMEDOUT.exception()
          : Errno.ERESTARTSYS.exception();
    }
  }

  /** Takes a waiter out that gives up; false if it has been woken meanwhile. */
  private boolean withdraw(Waiter waiter) {
    return ask(
        () -> {
          ArrayDeque<Waiter> queue = queues.get(waiter.key);
          if (waiter.woken || queue == null) {
            return false;
          }
          queue.remove(waiter);
          dropIfEmpty(waiter.key, queue);
          return true;
        });
  }

  /** Wakes up to {@code count} waiters whose bits meet {@code bitset}; how many. */
  public int wake(MemoryManager memory, long address, boolean privately, int count, int bitset) {
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
    FutexKey from = memory.futexKey(address, privately);
    FutexKey to = memory.futexKey(target, privately);
    List<Waiter> woken = new ArrayList<>();
    int moved =
        ask(
            () -> {
              if (expected != null && memory.getIntVolatile(address) != expected) {
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
    ArrayDeque<Waiter> queue = queues.get(key);
    if (queue == null) {
      return List.of();
    }
    List<Waiter> taken = new ArrayList<>();
    for (Iterator<Waiter> it = queue.iterator(); it.hasNext() && taken.size() < count; ) {
      Waiter w = it.next();
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
  }
}
