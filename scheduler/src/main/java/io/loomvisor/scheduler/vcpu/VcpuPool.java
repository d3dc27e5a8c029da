package io.loomvisor.scheduler.vcpu;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The vCPUs and who holds them. A task leases one before it runs the application, keeps it over
 * system calls that do not block, and gives it back before it blocks. Waiters park; a vCPU that
 * becomes free is handed to one of them directly.
 *
 * <p>A holder asks {@link #shouldYield} before each run and gives its vCPU up if it says so. A
 * holder that stays in the application longer than the slice while others wait is preempted by the
 * {@link PreemptionClock}.
 *
 * @param <V> the vCPU
 */
public final class VcpuPool<V> extends Actor implements AutoCloseable {
  /** A holder may stay in the application this long, ns, while others wait. */
  public static final long SLICE = 5_000_000;

  /**
   * A holder that makes system calls keeps its vCPU at least this long, ns, while others wait: a
   * switch costs several times what a system call does.
   */
  private static final long LEAST = 500_000;

  /** One vCPU in the pool. */
  public static final class Slot<V> {
    private final V vcpu;
    private final int index;

    /**
     * When the present lease began; {@link Long#MAX_VALUE} while free. Written in the actor, read
     * by the clock.
     */
    private volatile long since = Long.MAX_VALUE;

    Slot(V vcpu, int index) {
      this.vcpu = vcpu;
      this.index = index;
    }

    /** Its place in the pool, from 0. */
    public int index() {
      return index;
    }

    public V vcpu() {
      return vcpu;
    }
  }

  private static final class Waiter<V> {
    final Thread thread = Thread.currentThread();
    final int last;
    volatile Slot<V> granted;

    Waiter(int last) {
      this.last = last;
    }
  }

  private final List<Slot<V>> slots = new ArrayList<>();
  private final BitSet free = new BitSet();

  /** Longest waiter first. */
  private final ArrayList<Waiter<V>> waiters = new ArrayList<>();

  private final LeaseStrategy strategy;
  private final PreemptionClock clock;

  private final IntConsumer waitingChanged;

  /** Written in the actor. */
  private volatile boolean closed;

  /** Size of {@link #waiters}; written in the actor, read before every run. */
  private volatile int waiting;

  /**
   * @param preempt gets the application off a vCPU; any thread, must be harmless if nobody runs
   *     there
   */
  public VcpuPool(List<V> vcpus, LeaseStrategy strategy, Consumer<V> preempt) {
    this(vcpus, strategy, preempt, n -> {});
  }

  /**
   * As the shorter form.
   *
   * @param waitingChanged told how many wait whenever that changes, in the actor: must not wait
   */
  public VcpuPool(
      List<V> vcpus, LeaseStrategy strategy, Consumer<V> preempt, IntConsumer waitingChanged) {
    super(Rank.LEAF);
    this.strategy = strategy;
    this.waitingChanged = waitingChanged;
    for (V vcpu : vcpus) {
      free.set(slots.size());
      slots.add(new Slot<>(vcpu, slots.size()));
    }
    clock = new PreemptionClock(SLICE, () -> preemptOverdue(preempt));
  }

  public int size() {
    return slots.size();
  }

  /**
   * Waits for a vCPU. The caller must hold no actor and no other vCPU.
   *
   * @param last the one the caller had last, or null
   * @return null if the pool is closed
   */
  public Slot<V> lease(Slot<V> last) {
    Waiter<V> me = new Waiter<>(last == null ? LeaseStrategy.NONE : last.index);
    ask(() -> enter(me));
    if (me.granted == null && !closed) {
      clock.wake();
      boolean interrupted = false;
      while (me.granted == null && !closed) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return me.granted;
  }

  private void enter(Waiter<V> me) {
    if (closed) {
      return;
    }
    if (free.isEmpty()) {
      waiters.add(me);
      count();
      return;
    }
    int index = strategy.pickVcpu(free, me.last);
    free.clear(index);
    grant(me, slots.get(index));
  }

  /** Gives a vCPU back; its state may stay loaded until somebody else leases it. */
  public void release(Slot<V> slot) {
    ask(() -> leave(slot));
  }

  private void leave(Slot<V> slot) {
    slot.since = Long.MAX_VALUE;
    if (waiters.isEmpty()) {
      free.set(slot.index);
      return;
    }
    Waiter<V> next =
        waiters.remove(strategy.pickWaiter(waiters.size(), i -> waiters.get(i).last, slot.index));
    count();
    grant(next, slot);
    LockSupport.unpark(next.thread);
  }

  private void grant(Waiter<V> waiter, Slot<V> slot) {
    slot.since = System.nanoTime();
    waiter.granted = slot;
  }

  /**
   * Others wait and the holder has had its share: it should release and lease again before it goes
   * on.
   */
  public boolean shouldYield(Slot<V> slot) {
    return waiting != 0 && System.nanoTime() - slot.since >= LEAST;
  }

  /** How many wait for a vCPU now. */
  public int waiting() {
    return waiting;
  }

  /** Called by the clock; true as long as it is needed. */
  private boolean preemptOverdue(Consumer<V> preempt) {
    if (waiting == 0) {
      return false;
    }
    long now = System.nanoTime();
    for (Slot<V> slot : slots) {
      long since = slot.since;
      if (since != Long.MAX_VALUE && now - since >= SLICE) {
        preempt.accept(slot.vcpu);
      }
    }
    return true;
  }

  /** Ends all waiting, present and future. Holders keep what they hold and may give it back. */
  @Override
  public void close() {
    ask(this::shut);
    clock.close();
  }

  private void shut() {
    closed = true;
    for (Waiter<V> waiter : waiters) {
      LockSupport.unpark(waiter.thread);
    }
    waiters.clear();
    waiting = 0;
  }

  private void count() {
    waiting = waiters.size();
    waitingChanged.accept(waiting);
  }
}
