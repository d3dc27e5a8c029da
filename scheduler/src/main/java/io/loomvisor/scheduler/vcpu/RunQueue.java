package io.loomvisor.scheduler.vcpu;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Who holds which vCPU, who waits for one, and who is next: the state of a {@link LeasePool}. Plain
 * code that is told the time.
 *
 * <p>vCPU i is one of CPU {@code i % cpus}, as applications number CPUs, and of each CPU only so
 * many vCPUs are to run at a time. One beyond is a spare: a task that wakes up and has had much
 * less than one that runs on a CPU gets a spare of that CPU at once and need not wait until the
 * other one, which may itself wait for a CPU of the host, has noticed that it is to make room.
 * Mostly it sleeps again before it is worth while to get the other one out; if not, the one of the
 * two that has had more leaves after a moment ({@link #overdue}), and its vCPU stays unused.
 *
 * @param <V> the vCPU
 */
final class RunQueue<V> {
  /** A waiter that has had so much less than a holder, ns, need not wait for the end of a slice. */
  static final long UNFAIR = 1_000_000;

  /** For {@link #overdue}: there is nothing to look after. */
  static final long NEVER = Long.MAX_VALUE;

  /** The least time between two looks of {@link #overdue}, ns. */
  private static final long SHORTEST = 1_000_000;

  private final List<Slot<V>> slots = new ArrayList<>();
  private final BitSet free = new BitSet();

  /** How many living tasks had each vCPU last. */
  private final int[] claims;

  /** Longest waiter first. */
  private final ArrayList<Waiter<Slot<V>>> waiters = new ArrayList<>();

  /** Whose each vCPU is; null while free. */
  private final Account[] holders;

  /** How many vCPUs of each CPU are held, and since when they are too many. */
  private final int[] running;

  private final long[] crowdedSince;

  /** How many vCPUs are held in all. */
  private int held;

  private final int cpus;
  private final int perCpu;
  private final int most;
  private final LeaseStrategy strategy;
  private final long slice;

  /** The least that a task has used which holds a vCPU or waits for one; never goes back. */
  private long floor;

  /** For one decision. */
  private final BitSet candidates = new BitSet();

  /**
   * @param cpus that applications see
   * @param perCpu so many vCPUs of each run at a time; more only for a moment
   * @param most so many run at a time in all, spares included
   */
  RunQueue(List<V> vcpus, int cpus, int perCpu, int most, LeaseStrategy strategy, long slice) {
    this.cpus = cpus;
    this.perCpu = perCpu;
    this.most = most;
    this.strategy = strategy;
    this.slice = slice;
    for (V vcpu : vcpus) {
      free.set(slots.size());
      slots.add(new Slot<>(vcpu, slots.size()));
    }
    claims = new int[slots.size()];
    holders = new Account[slots.size()];
    running = new int[cpus];
    crowdedSince = new long[cpus];
  }

  int size() {
    return slots.size();
  }

  int waiting() {
    return waiters.size();
  }

  private int cpuOf(Slot<V> slot) {
    return slot.index() % cpus;
  }

  /**
   * A task wants a vCPU. It is granted one, or waits.
   *
   * @return null, or the vCPU whose holder should make room at once
   */
  Slot<V> enter(Waiter<Slot<V>> me, long now) {
    raiseFloor(now);
    me.account().arrive(floor, slice);
    boolean presses = strategy.fair() && me.woken() && me.terms().presses();
    if (grantIdle(me, now) || presses && grantSpare(me, now)) {
      return null;
    }
    waiters.add(me);
    return presses ? unfairlyHeld(me, now) : null;
  }

  /** A vCPU of a CPU that has room. */
  private boolean grantIdle(Waiter<Slot<V>> me, long now) {
    candidates.clear();
    Terms terms = me.terms();
    for (int i = free.nextSetBit(0); i >= 0; i = free.nextSetBit(i + 1)) {
      candidates.set(i, running[i % cpus] < perCpu && terms.permits(i % cpus));
    }
    if (candidates.isEmpty()) {
      return false;
    }
    grant(me, pick(me), now);
    return true;
  }

  /** A spare of the CPU with the worst of the holders that should make room. */
  private boolean grantSpare(Waiter<Slot<V>> me, long now) {
    if (held >= most) {
      return false;
    }
    Slot<V> worst = null;
    for (int cpu = 0; cpu < cpus; cpu++) {
      Slot<V> holder = worstOn(cpu, now);
      if (holder != null
          && anyFreeOf(cpu)
          && beats(me, holder, now)
          && (worst == null || worse(holder, worst, now))) {
        worst = holder;
      }
    }
    if (worst == null) {
      return false;
    }
    int cpu = cpuOf(worst);
    if (running[cpu] == perCpu) {
      crowdedSince[cpu] = now;
    }
    anyFreeOf(cpu);
    grant(me, pick(me), now);
    return true;
  }

  /** Whether there is a free vCPU of that CPU; the candidates are then all there are. */
  private boolean anyFreeOf(int cpu) {
    candidates.clear();
    for (int i = cpu; i < slots.size(); i += cpus) {
      candidates.set(i, free.get(i));
    }
    return !candidates.isEmpty();
  }

  private Slot<V> pick(Waiter<Slot<V>> me) {
    return slots.get(strategy.pickVcpu(candidates, me.last(), i -> claims[i]));
  }

  private void grant(Waiter<Slot<V>> waiter, Slot<V> slot, long now) {
    if (waiter.last() != slot.index()) {
      claims[slot.index()]++;
      forget(waiter.last());
    }
    int index = slot.index();
    free.clear(index);
    holders[index] = waiter.account();
    held++;
    int running = ++this.running[index % cpus];
    slot.begin(now);
    slot.setContended(running > perCpu || !waiters.isEmpty());
    waiter.grant(slot);
  }

  /** A task that had this vCPU last has it so no more. */
  void forget(int last) {
    if (last != LeaseStrategy.NONE) {
      claims[last]--;
    }
  }

  /** What its holder has had by now. */
  private long had(Slot<V> slot, long now) {
    return holders[slot.index()].usedAfter(slot.held(now));
  }

  /** What a contended lease counts for is known when it ends. */
  private void raiseFloor(long now) {
    long least = Long.MAX_VALUE;
    for (Slot<V> slot : slots) {
      Account holder = holders[slot.index()];
      if (holder != null) {
        least = Math.min(least, slot.contended() ? holder.used() : had(slot, now));
      }
    }
    for (Waiter<Slot<V>> waiter : waiters) {
      least = Math.min(least, waiter.account().used());
    }
    if (least != Long.MAX_VALUE) {
      floor = Math.max(floor, least);
    }
  }

  /** Whether the holder of {@code a} has a worse claim than that of {@code b}. */
  private boolean worse(Slot<V> a, Slot<V> b, long now) {
    int rank = holders[a.index()].terms().rank();
    int other = holders[b.index()].terms().rank();
    return rank != other ? rank < other : had(a, now) > had(b, now);
  }

  /** The vCPU of that CPU whose holder has the worst claim; null if none is held. */
  private Slot<V> worstOn(int cpu, long now) {
    Slot<V> worst = null;
    for (int i = cpu; i < slots.size(); i += cpus) {
      Slot<V> slot = slots.get(i);
      if (holders[i] != null && (worst == null || worse(slot, worst, now))) {
        worst = slot;
      }
    }
    return worst;
  }

  /** Whether a task that wakes up may have that holder make room before its slice is over. */
  private boolean beats(Waiter<Slot<V>> me, Slot<V> slot, long now) {
    Terms mine = me.terms();
    int rank = holders[slot.index()].terms().rank();
    if (!mine.permits(cpuOf(slot)) || mine.rank() != rank) {
      return mine.permits(cpuOf(slot)) && mine.rank() > rank;
    }
    return rank == 0 && me.account().used() + UNFAIR < had(slot, now);
  }

  /**
   * The vCPU with the worst of the holders that {@code me} beats; it is told to make room. Null if
   * there is none, or as many as wait have been told before.
   */
  private Slot<V> unfairlyHeld(Waiter<Slot<V>> me, long now) {
    Slot<V> worst = null;
    int told = 0;
    for (Slot<V> slot : slots) {
      if (holders[slot.index()] == null) {
        continue;
      }
      if (slot.wanted()) {
        told++;
      } else if (beats(me, slot, now) && (worst == null || worse(slot, worst, now))) {
        worst = slot;
      }
    }
    if (worst == null || told >= waiters.size()) {
      return null;
    }
    worst.want(true);
    return worst;
  }

  /**
   * A vCPU is given back, and goes to somebody who waits.
   *
   * @param spent how long its holder has had a CPU meanwhile, if that is less than the lease
   */
  void leave(Slot<V> slot, long spent, long now) {
    giveUp(slot, spent, now);
    grantNext(slot, now);
  }

  /** As {@link #leave}, and the holder waits for its next turn, which may come at once. */
  void rotate(Slot<V> slot, long spent, Waiter<Slot<V>> me, long now) {
    giveUp(slot, spent, now);
    me.account().arrive(floor, slice);
    waiters.add(me);
    grantNext(slot, now);
    if (waiters.contains(me) && grantIdle(me, now)) {
      waiters.remove(me);
    }
  }

  private void giveUp(Slot<V> slot, long spent, long now) {
    int index = slot.index();
    holders[index].add(Math.min(spent, slot.end(now)));
    raiseFloor(now);
    holders[index] = null;
    held--;
    free.set(index);
    running[cpuOf(slot)]--;
  }

  private void grantNext(Slot<V> slot, long now) {
    int cpu = cpuOf(slot);
    if (running[cpu] >= perCpu) {
      return;
    }
    int next = neediest(cpu);
    if (next >= 0) {
      grant(waiters.remove(next), slot, now);
    }
  }

  /** Who of those who wait and may run on that CPU is next; -1 for nobody. */
  private int neediest(int cpu) {
    int best = -1;
    for (int i = 0; i < waiters.size(); i++) {
      Waiter<Slot<V>> waiter = waiters.get(i);
      if (waiter.terms().permits(cpu) && (best < 0 || precedes(waiter, waiters.get(best)))) {
        best = i;
      }
    }
    return best;
  }

  /** Whether {@code a} goes before {@code b}, which has waited longer. */
  private boolean precedes(Waiter<Slot<V>> a, Waiter<Slot<V>> b) {
    if (!strategy.fair()) {
      return false;
    }
    int rank = a.terms().rank();
    return rank != b.terms().rank()
        ? rank > b.terms().rank()
        : rank == 0 && a.account().used() < b.account().used();
  }

  /** Whether the holder, that asks because it has had its time or was told to, is to make room. */
  boolean mustLeave(Slot<V> slot, long now) {
    int cpu = cpuOf(slot);
    boolean leave;
    if (!holders[slot.index()].terms().permits(cpu)) {
      leave = true;
    } else if (running[cpu] > perCpu) {
      leave = slot.wanted();
    } else {
      int next = neediest(cpu);
      leave = next >= 0 && givesWayTo(waiters.get(next), slot, now);
    }
    slot.want(leave);
    return leave;
  }

  private boolean givesWayTo(Waiter<Slot<V>> next, Slot<V> slot, long now) {
    if (!strategy.fair()) {
      return true;
    }
    Terms holder = holders[slot.index()].terms();
    int rank = next.terms().rank();
    if (rank != holder.rank()) {
      return rank > holder.rank();
    }
    return rank == 0 ? next.account().used() < had(slot, now) : holder.rotates();
  }

  /**
   * Looks for holders that have had their slice, or are one too many on their CPU for longer than
   * is worth while.
   *
   * @param vacate gets the vCPUs whose holders are to make room
   * @return how long until the next look, ns; {@link #NEVER} if none is needed
   */
  long overdue(List<Slot<V>> vacate, long now) {
    long next = NEVER;
    for (Slot<V> slot : slots) {
      if (holders[slot.index()] != null) {
        next = Math.min(next, look(slot, vacate, now));
      }
    }
    return next == NEVER ? next : Math.max(next, SHORTEST);
  }

  private long look(Slot<V> slot, List<Slot<V>> vacate, long now) {
    int cpu = cpuOf(slot);
    boolean crowded = running[cpu] > perCpu;
    if (!crowded && waiters.isEmpty()) {
      return NEVER;
    }
    long left = slice - (crowded ? now - crowdedSince[cpu] : slot.held(now));
    if (left > 0) {
      return left;
    }
    if (crowded && worstOn(cpu, now) == slot) {
      slot.want(true);
    }
    if (mustLeave(slot, now)) {
      vacate.add(slot);
    }
    return slice;
  }

  /**
   * A task's terms are others than before.
   *
   * @return null, or the vCPU that its holder must leave
   */
  Slot<V> changed(Account account, long now) {
    for (Slot<V> slot : slots) {
      if (holders[slot.index()] == account) {
        boolean stays = account.terms().permits(cpuOf(slot));
        slot.want(slot.wanted() || !stays);
        return stays ? null : slot;
      }
    }
    for (Waiter<Slot<V>> waiter : waiters) {
      if (waiter.account() == account && grantIdle(waiter, now)) {
        waiters.remove(waiter);
        break;
      }
    }
    return null;
  }

  /** Nobody waits any more; whoever did is woken up without a vCPU. */
  void disperse() {
    waiters.forEach(Waiter::wake);
    waiters.clear();
  }
}
