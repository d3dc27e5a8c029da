package io.loomvisor.scheduler.vcpu;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Tasks lease vCPUs and run them on their own threads; one actor knows who holds and who waits.
 * Waiters park; a vCPU that becomes free is handed to one of them directly, as the {@link
 * LeaseStrategy} says.
 *
 * <p>There may be some vCPUs more than are to run at a time. A task that has had much less than a
 * holder gets one of them at once, so that it need not wait until the holder, which may itself wait
 * for a CPU of the host, has noticed that it is to make room; the holder then leaves its own
 * unused.
 *
 * @param <V> the vCPU
 */
final class LeasePool<V> extends Actor implements VcpuPool<V>, LeasedClaim.Lessor<V> {
  /**
   * A holder that makes system calls keeps its vCPU at least this long, ns, while others wait: a
   * switch costs several times what a system call does.
   */
  static final long LEAST = 500_000;

  /** A waiter that has had so much less than a holder, ns, has it make room at once. */
  private static final long UNFAIR = 1_000_000;

  private final List<Slot<V>> slots = new ArrayList<>();
  private final BitSet free = new BitSet();

  /** How many living tasks had each vCPU last. */
  private final int[] claims;

  /** Longest waiter first. */
  private final ArrayList<Waiter<Slot<V>>> waiters = new ArrayList<>();

  /** Whose each vCPU is; null while free. */
  private final Account[] holders;

  /** So many vCPUs run at a time; more only until one has made room. */
  private final int regular;

  /** The least that a task has used which holds a vCPU or waits for one; never goes back. */
  private long floor;

  private final LeaseStrategy strategy;
  private final long slice;
  private final Consumer<V> preempt;
  private final PreemptionClock clock;
  private final IntConsumer waitingBy;

  /** Written in the actor. */
  private volatile boolean closed;

  /** Size of {@link #waiters}; written in the actor, read before every run. */
  private volatile int waiting;

  /** See {@link PoolStrategy#open}. */
  LeasePool(
      List<V> vcpus,
      int regular,
      LeaseStrategy strategy,
      long slice,
      Consumer<V> preempt,
      IntConsumer waitingBy) {
    super(Rank.LEAF);
    this.regular = regular;
    this.strategy = strategy;
    this.slice = slice;
    this.preempt = preempt;
    this.waitingBy = waitingBy;
    for (V vcpu : vcpus) {
      free.set(slots.size());
      slots.add(new Slot<>(vcpu, slots.size()));
    }
    claims = new int[slots.size()];
    holders = new Account[slots.size()];
    clock = new PreemptionClock(slice, this::preemptOverdue);
  }

  @Override
  public int size() {
    return slots.size();
  }

  @Override
  public Claim<V> claim() {
    return new LeasedClaim<>(this);
  }

  @Override
  public Slot<V> lease(Slot<V> last, Account account) {
    Waiter<Slot<V>> me = new Waiter<>(last == null ? LeaseStrategy.NONE : last.index(), account);
    Slot<V> toVacate = ask(() -> enter(me));
    if (toVacate != null) {
      preempt.accept(toVacate.vcpu());
    }
    if (me.granted() == null && !closed) {
      clock.wake();
      return me.await(() -> closed);
    }
    return me.granted();
  }

  /** Null, or the vCPU whose holder should make room. */
  private Slot<V> enter(Waiter<Slot<V>> me) {
    if (closed) {
      return null;
    }
    raiseFloor();
    me.account().arrive(floor, slice);
    if (inUse() < regular) {
      grantFree(me);
      return null;
    }
    long enough = strategy.fair() ? me.account().used() + UNFAIR : Long.MAX_VALUE;
    if (!free.isEmpty() && anyHasHad(enough)) {
      grantFree(me);
    } else {
      waiters.add(me);
      count(1);
    }
    return unfairlyHeld(enough);
  }

  private int inUse() {
    return slots.size() - free.cardinality();
  }

  /** What its holder has had by now; 0 while free. */
  private long had(Slot<V> slot) {
    Account holder = holders[slot.index()];
    return holder == null ? 0 : holder.used() + slot.held();
  }

  private boolean anyHasHad(long enough) {
    return slots.stream().anyMatch(s -> had(s) > enough);
  }

  private void grantFree(Waiter<Slot<V>> me) {
    int index = strategy.pickVcpu(free, me.last(), i -> claims[i]);
    free.clear(index);
    grant(me, slots.get(index));
  }

  private void raiseFloor() {
    long least = Long.MAX_VALUE;
    for (Slot<V> slot : slots) {
      if (holders[slot.index()] != null) {
        least = Math.min(least, had(slot));
      }
    }
    for (Waiter<Slot<V>> waiter : waiters) {
      least = Math.min(least, waiter.account().used());
    }
    if (least != Long.MAX_VALUE) {
      floor = Math.max(floor, least);
    }
  }

  /**
   * The vCPU of the holder that has had most, if that is more than {@code enough}; it is told to
   * make room. Null if there is none, or as many as are too many have been told before.
   */
  private Slot<V> unfairlyHeld(long enough) {
    long told = slots.stream().filter(Slot::wanted).count();
    if (told >= Math.max(1, inUse() - regular)) {
      return null;
    }
    Slot<V> worst = null;
    for (Slot<V> slot : slots) {
      if (!slot.wanted() && had(slot) > (worst == null ? enough : had(worst))) {
        worst = slot;
      }
    }
    if (worst != null) {
      worst.want();
    }
    return worst;
  }

  @Override
  public void release(Slot<V> slot) {
    ask(() -> leave(slot));
  }

  private void leave(Slot<V> slot) {
    raiseFloor();
    holders[slot.index()].add(slot.end());
    holders[slot.index()] = null;
    if (waiters.isEmpty() || inUse() > regular) {
      free.set(slot.index());
      return;
    }
    Waiter<Slot<V>> waiter = waiters.remove(strategy.fair() ? neediest() : 0);
    count(-1);
    grant(waiter, slot);
  }

  private int neediest() {
    int best = 0;
    for (int i = 1; i < waiters.size(); i++) {
      if (waiters.get(i).account().used() < waiters.get(best).account().used()) {
        best = i;
      }
    }
    return best;
  }

  private void grant(Waiter<Slot<V>> waiter, Slot<V> slot) {
    if (waiter.last() != slot.index()) {
      claims[slot.index()]++;
      forget(waiter.last());
    }
    holders[slot.index()] = waiter.account();
    slot.begin();
    waiter.grant(slot);
  }

  @Override
  public void forget(Slot<V> last) {
    if (last != null) {
      ask(() -> forget(last.index()));
    }
  }

  private void forget(int last) {
    if (last != LeaseStrategy.NONE) {
      claims[last]--;
    }
  }

  @Override
  public boolean shouldYield(Slot<V> slot) {
    return slot.wanted() || waiting != 0 && slot.heldFor(LEAST);
  }

  @Override
  public int waiting() {
    return waiting;
  }

  /** Called by the clock; true as long as it is needed. */
  private boolean preemptOverdue() {
    if (waiting == 0) {
      return false;
    }
    for (Slot<V> slot : slots) {
      if (slot.heldFor(slice)) {
        preempt.accept(slot.vcpu());
      }
    }
    return true;
  }

  @Override
  public void close() {
    ask(this::shut);
    clock.close();
  }

  private void shut() {
    closed = true;
    waiters.forEach(Waiter::wake);
    count(-waiters.size());
    waiters.clear();
    waiting = 0;
  }

  private void count(int by) {
    waiting += by;
    waitingBy.accept(by);
  }
}
