package io.loomvisor.scheduler.vcpu;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Tasks lease vCPUs and run them on their own threads; one actor knows who holds and who waits
 * ({@link RunQueue}). Waiters park; a vCPU that becomes free is handed to one of them directly.
 *
 * @param <V> the vCPU
 */
final class LeasePool<V> extends Actor implements VcpuPool<V>, LeasedClaim.Lessor<V> {
  /**
   * A holder that makes system calls keeps its vCPU at least this long, ns, while others wait: a
   * switch costs several times what a system call does.
   */
  static final long LEAST = 500_000;

  private final RunQueue<V> queue;

  /** By vCPU; null until they are needed. */
  private final List<VcpuWorker<V>> workers;

  /** Those that compute have others go first, and workers do their turns. */
  private final boolean fair;

  private final Consumer<V> preempt;
  private final PreemptionClock clock;
  private final IntConsumer waitingBy;
  private final HostThread hostThread;

  /** Written in the actor. */
  private volatile boolean closed;

  /** How many wait; written in the actor, read before every run. */
  private volatile int waiting;

  /**
   * See {@link PoolStrategy#open}.
   *
   * @param cpus that applications see
   * @param perCpu how many vCPUs of each run at a time
   * @param most how many run at a time in all, for moments
   */
  LeasePool(
      List<V> vcpus,
      int cpus,
      int perCpu,
      int most,
      LeaseStrategy strategy,
      long slice,
      Consumer<V> preempt,
      IntConsumer waitingBy,
      HostThread hostThread) {
    super(Rank.LEAF);
    this.queue = new RunQueue<>(vcpus, cpus, perCpu, most, strategy, slice);
    this.workers = new ArrayList<>(Collections.nCopies(vcpus.size(), null));
    this.fair = strategy.fair();
    this.preempt = preempt;
    this.waitingBy = waitingBy;
    this.hostThread = hostThread;
    clock = new PreemptionClock(slice, this::preemptOverdue);
  }

  @Override
  public int size() {
    return queue.size();
  }

  @Override
  public Claim<V> claim() {
    return new LeasedClaim<>(this, hostThread);
  }

  @Override
  public Slot<V> lease(Slot<V> last, Account account, boolean woken) {
    int lastIndex = last == null ? LeaseStrategy.NONE : last.index();
    Waiter<Slot<V>> me = new Waiter<>(lastIndex, account, woken);
    Slot<V> toVacate = ask(() -> enter(me));
    if (toVacate != null) {
      preempt.accept(toVacate.vcpu());
    }
    Slot<V> granted = me.granted();
    if (granted != null && !granted.contended() || closed) {
      return granted;
    }
    clock.wake();
    return me.await(() -> closed);
  }

  @Override
  public boolean handIn(Turn<V> turn, Slot<V> last) {
    if (!fair) {
      return false;
    }
    ask(() -> enter(new TurnWaiter(last.index(), turn)));
    clock.wake();
    return true;
  }

  /** A worker's vCPU goes to another one, and its turn waits. */
  void rotate(Slot<V> slot, Turn<V> turn, long spent) {
    ask(
        () -> {
          if (closed) {
            turn.finish(0);
            return;
          }
          queue.rotate(slot, spent, new TurnWaiter(slot.index(), turn), System.nanoTime());
          countWaiting();
        });
  }

  /** A turn waits until it can go on. */
  private final class TurnWaiter extends Waiter<Slot<V>> {
    private final Turn<V> turn;

    TurnWaiter(int last, Turn<V> turn) {
      super(last, turn.account(), false);
      this.turn = turn;
    }

    @Override
    void grant(Slot<V> slot) {
      worker(slot).take(turn);
    }

    @Override
    void wake() {
      turn.finish(0);
    }
  }

  private VcpuWorker<V> worker(Slot<V> slot) {
    VcpuWorker<V> worker = workers.get(slot.index());
    if (worker == null) {
      worker = new VcpuWorker<>(slot, this, hostThread);
      workers.set(slot.index(), worker);
    }
    return worker;
  }

  boolean closed() {
    return closed;
  }

  private Slot<V> enter(Waiter<Slot<V>> me) {
    if (closed) {
      me.wake();
      return null;
    }
    Slot<V> toVacate = queue.enter(me, System.nanoTime());
    countWaiting();
    return toVacate;
  }

  @Override
  public void release(Slot<V> slot, long spent) {
    ask(
        () -> {
          queue.leave(slot, spent, System.nanoTime());
          countWaiting();
        });
  }

  @Override
  public void forget(Slot<V> last) {
    if (last != null) {
      ask(() -> queue.forget(last.index()));
    }
  }

  @Override
  public void changed(Account account) {
    Slot<V> toVacate =
        ask(
            () -> {
              Slot<V> slot = closed ? null : queue.changed(account, System.nanoTime());
              countWaiting();
              return slot;
            });
    if (toVacate != null) {
      preempt.accept(toVacate.vcpu());
    }
  }

  @Override
  public boolean shouldYield(Slot<V> slot) {
    return (slot.wanted() || waiting != 0 && slot.heldFor(LEAST))
        && ask(() -> queue.mustLeave(slot, System.nanoTime()));
  }

  @Override
  public int waiting() {
    return waiting;
  }

  /** Called by the clock; how long it may sleep. */
  private long preemptOverdue() {
    List<Slot<V>> vacate = new ArrayList<>();
    long next = ask(() -> queue.overdue(vacate, System.nanoTime()));
    vacate.forEach(slot -> preempt.accept(slot.vcpu()));
    return next;
  }

  @Override
  public void close() {
    ask(
        () -> {
          closed = true;
          queue.disperse();
          countWaiting();
          workers.stream().filter(Objects::nonNull).forEach(VcpuWorker::wake);
        });
    clock.close();
  }

  private void countWaiting() {
    int by = queue.waiting() - waiting;
    if (by != 0) {
      waiting += by;
      waitingBy.accept(by);
    }
  }
}
