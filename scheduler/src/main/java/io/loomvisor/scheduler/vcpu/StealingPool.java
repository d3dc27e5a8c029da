package io.loomvisor.scheduler.vcpu;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Tasks run vCPUs on their own threads, and each vCPU has a queue, an actor of its own: nobody
 * waits for a common one. A task queues at the vCPU that it had last, so its state is there; a vCPU
 * without work takes the longest waiter of the longest queue.
 *
 * <p>No wake-up is lost: a waiter looks for idle vCPUs once more after it has queued, and a vCPU
 * looks for waiters once more after it has become idle; one of the two sees the other.
 *
 * @param <V> the vCPU
 */
final class StealingPool<V> implements VcpuPool<V>, LeasedClaim.Lessor<V> {
  private final List<Queue> queues = new ArrayList<>();
  private final PreemptionClock clock;
  private final IntConsumer waitingBy;
  private final AtomicInteger waiting = new AtomicInteger();

  /** Where tasks that have never run queue: in turn. */
  private final AtomicInteger nextHome = new AtomicInteger();

  private volatile boolean closed;

  /** Who waits at one vCPU, and whether it is idle. */
  private final class Queue extends Actor {
    private final Slot<V> slot;
    private final ArrayDeque<Waiter<Slot<V>>> waiters = new ArrayDeque<>();

    // Written in the actor, read by those who look for one.
    private volatile boolean idle = true;
    private volatile int length;

    Queue(Slot<V> slot) {
      super(Rank.LEAF);
      this.slot = slot;
    }

    /** True if it was idle and is the caller's now. */
    boolean take() {
      return idle && ask(this::taken);
    }

    private boolean taken() {
      boolean was = idle;
      idle = false;
      return was;
    }

    /** True if it was idle and is the caller's now; else the waiter is queued. */
    boolean takeOrQueue(Waiter<Slot<V>> waiter) {
      return ask(
          () -> {
            if (taken()) {
              return true;
            }
            waiters.add(waiter);
            count(1);
            return false;
          });
    }

    /** True if the waiter was still waiting and does so no more. */
    boolean withdraw(Waiter<Slot<V>> waiter) {
      return ask(
          () -> {
            boolean was = waiters.remove(waiter);
            if (was) {
              count(-1);
            }
            return was;
          });
    }

    /** The longest waiter, who waits no more; null for none. */
    Waiter<Slot<V>> next() {
      return length == 0
          ? null
          : ask(
              () -> {
                Waiter<Slot<V>> waiter = waiters.poll();
                if (waiter != null) {
                  count(-1);
                }
                return waiter;
              });
    }

    /** True if nobody waits here, and it is idle now. */
    boolean rest() {
      return ask(() -> idle = waiters.isEmpty());
    }

    private void count(int by) {
      length += by;
      waiting.addAndGet(by);
      waitingBy.accept(by);
    }

    void end() {
      ask(
          () -> {
            waiters.forEach(Waiter::wake);
            count(-waiters.size());
            waiters.clear();
          });
    }
  }

  /** See {@link PoolStrategy#open}. */
  StealingPool(List<V> vcpus, long slice, Consumer<V> preempt, IntConsumer waitingBy) {
    this.waitingBy = waitingBy;
    for (V vcpu : vcpus) {
      queues.add(new Queue(new Slot<>(vcpu, queues.size())));
    }
    clock = new PreemptionClock(slice, () -> preemptOverdue(slice, preempt));
  }

  @Override
  public int size() {
    return queues.size();
  }

  @Override
  public int waiting() {
    return waiting.get();
  }

  @Override
  public Claim<V> claim() {
    return new LeasedClaim<>(this, HostThread.UNKNOWN);
  }

  @Override
  public Slot<V> lease(Slot<V> last, Account account, boolean woken) {
    if (closed) {
      return null;
    }
    int home = last != null ? last.index() : nextHome.getAndIncrement() % queues.size();
    Queue own = queues.get(home);
    Queue taken = own.take() ? own : takeIdle();
    if (taken == null) {
      Waiter<Slot<V>> me = new Waiter<>(home, account, woken);
      if (!own.takeOrQueue(me)) {
        return await(own, me);
      }
      taken = own;
    }
    taken.slot.begin(System.nanoTime());
    return taken.slot;
  }

  private Queue takeIdle() {
    for (Queue q : queues) {
      if (q.take()) {
        return q;
      }
    }
    return null;
  }

  /** Queued already. */
  private Slot<V> await(Queue own, Waiter<Slot<V>> me) {
    Queue idle = takeIdle();
    if (idle != null) {
      if (own.withdraw(me)) {
        idle.slot.begin(System.nanoTime());
        return idle.slot;
      }
      serve(idle); // we have been granted another one meanwhile
    }
    clock.wake();
    return me.await(() -> closed);
  }

  @Override
  public void release(Slot<V> slot, long spent) {
    slot.end(System.nanoTime());
    serve(queues.get(slot.index()));
  }

  /** Gives a vCPU that is the caller's to somebody who waits, or lets it rest. */
  private void serve(Queue vcpu) {
    for (; ; ) {
      Waiter<Slot<V>> next = vcpu.next();
      if (next == null) {
        next = steal();
      }
      if (next != null) {
        vcpu.slot.begin(System.nanoTime());
        next.grant(vcpu.slot);
        return;
      }
      if (vcpu.rest() && (waiting.get() == 0 || !vcpu.take())) {
        return;
      }
    }
  }

  private Waiter<Slot<V>> steal() {
    Queue longest = null;
    for (Queue q : queues) {
      if (q.length > (longest == null ? 0 : longest.length)) {
        longest = q;
      }
    }
    return longest == null ? null : longest.next();
  }

  @Override
  public boolean shouldYield(Slot<V> slot) {
    return waiting.get() != 0 && slot.heldFor(LeasePool.LEAST);
  }

  private long preemptOverdue(long slice, Consumer<V> preempt) {
    if (waiting.get() == 0) {
      return RunQueue.NEVER;
    }
    for (Queue q : queues) {
      if (q.slot.heldFor(slice)) {
        preempt.accept(q.slot.vcpu());
      }
    }
    return slice;
  }

  @Override
  public void close() {
    closed = true;
    queues.forEach(Queue::end);
    clock.close();
  }
}
