package io.loomvisor.scheduler.carrier;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.function.IntSupplier;

/**
 * Runs virtual threads on platform threads, the carriers, which are made when they are needed.
 *
 * <p>Waking a thread of the host costs several microseconds on either side, far more than anything
 * else in a hand-over from task to task (docs/carriers.md). So whoever queues work wakes nobody
 *
 * <ul>
 *   <li>while a carrier searches: one that has become idle does for a moment before it parks, if a
 *       CPU is idle ({@link SpinPatience});
 *   <li>while no CPU is idle ({@link Crowding}), if it is a task itself, which mostly will wait
 *       soon, and a carrier is on the lookout in case that it does not.
 * </ul>
 *
 * <p>No work is left lying while a carrier is parked. Who queues looks at {@link #searching} after
 * it has queued, and wakes somebody if it is 0. Who stops searching looks at the queue after it has
 * taken itself off that count, and the last one that finds something wakes the next if more is
 * there. (The protocol is that of Go's scheduler, runtime/proc.go: "worker thread
 * parking/unparking".) So it is with the lookout.
 */
final class Carriers implements Executor {
  /** Looks at the queue between two looks at the clock. */
  private static final int LOOKS = 16;

  /** Looks of one that has queued work, about 2 µs. */
  private static final int GRACE = 80;

  /** The lookout takes what nobody has taken for so long, ns. */
  private static final long LOOKOUT_PERIOD = 150_000;

  /**
   * Each look takes a CPU from a guest, so it doubles its period up to this, ns, for as long as
   * others take work.
   */
  private static final long LONGEST_PERIOD = 1_200_000;

  /** It leaves when so many periods have passed without any work. */
  private static final int QUIET_PERIODS = 3;

  private final int most;
  private final int cpus;
  private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
  private final SpinPatience patience = new SpinPatience();
  private final Crowding crowding;
  private final AtomicReference<Parked> parked = new AtomicReference<>();
  private final AtomicReference<Carrier> lookout = new AtomicReference<>();
  private final AtomicInteger made = new AtomicInteger();

  /** Carriers that run something. */
  private final AtomicInteger busy = new AtomicInteger();

  /** Other threads that need a CPU. */
  private final AtomicInteger computing = new AtomicInteger();

  /** Carriers that will look at the queue before they park. */
  private final AtomicInteger searching = new AtomicInteger();

  /** Changes when work is taken from the queue; which value it has says nothing. */
  private volatile int taken;

  /** The latest comes out first. Nodes are never used again. */
  private record Parked(Carrier carrier, Parked below) {}

  /**
   * @param most carriers
   * @param cpus nobody spins unless fewer carriers have work
   * @param cpu the CPU on which the caller runs; -1 if that is not known
   * @param leave has the caller run on another CPU; false if it cannot
   */
  Carriers(int most, int cpus, IntSupplier cpu, IntPredicate leave) {
    this.most = most;
    this.cpus = cpus;
    crowding = new Crowding(cpu, leave);
  }

  @Override
  public void execute(Runnable task) {
    queue.add(task);
    if (searching.get() == 0) {
      Thread caller = Thread.currentThread();
      boolean byTask = caller.isVirtual();
      boolean seenSoon = byTask ? watched() || takenSoon() : caller instanceof Carrier;
      if (!seenSoon) {
        summon(byTask);
      }
    }
  }

  /** For as long as all CPUs have work; what comes when one is idle is not to wait. */
  private boolean watched() {
    return lookout.get() != null && crowded();
  }

  /**
   * With work for all CPUs it may be that a carrier is just about to come back and look: that takes
   * less than waking another one, which would be in its way.
   */
  private boolean takenSoon() {
    if (idleCpu(0)) {
      return false;
    }
    for (int i = 0; i < GRACE; i++) {
      if (queue.isEmpty() || searching.get() != 0) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  /** See {@link TaskThreads#computing}. */
  void computing(int more) {
    computing.getAndAdd(more);
  }

  /** See {@link TaskThreads#spare}. */
  boolean spare() {
    return (searching.get() != 0 || queue.isEmpty()) && !crowding.lasts();
  }

  /**
   * Something is queued: unless somebody is looking, somebody is to look.
   *
   * @param busy the caller will go on to need its CPU
   */
  private void summon(boolean busy) {
    while (searching.get() == 0 && searching.compareAndSet(0, 1)) {
      int from = busy && idleCpu(0) ? crowding.here() : Crowding.NOWHERE;
      if (wakeOne(from) || makeOne()) {
        return;
      }
      searching.getAndDecrement();
      if (parked.get() == null && lookout.get() == null || queue.isEmpty()) {
        return; // all have work, and look at the queue afterwards
      }
    }
  }

  private boolean wakeOne(int from) {
    for (; ; ) {
      Parked top = parked.get();
      if (top == null) {
        Carrier watching = lookout.getAndSet(null);
        if (watching != null) {
          watching.summon(from);
        }
        return watching != null;
      }
      if (parked.compareAndSet(top, top.below)) {
        patience.woken(top.carrier.idleSince, System.nanoTime());
        top.carrier.summon(from);
        return true;
      }
    }
  }

  private boolean makeOne() {
    int number = made.get();
    while (number < most) {
      if (made.compareAndSet(number, number + 1)) {
        new Carrier(number).start();
        return true;
      }
      number = made.get();
    }
    return false;
  }

  private void push(Carrier carrier) {
    Parked top;
    do {
      top = parked.get();
    } while (!parked.compareAndSet(top, new Parked(carrier, top)));
  }

  private boolean maySpin() {
    return !crowding.lasts() && patience.worthTrying(System.nanoTime());
  }

  /** Whether one more thread that runs would only be in the way of others. */
  private boolean crowded() {
    return crowding.lasts() || !idleCpu(0);
  }

  /**
   * Whether there is an idle CPU for one more that searches.
   *
   * @param others that search
   */
  private boolean idleCpu(int others) {
    return busy.get() + computing.get() + others < cpus;
  }

  /** Half as many as work at most: more would find nothing. */
  private boolean joinSearch() {
    int now = searching.get();
    return 2 * now <= busy.get()
        && idleCpu(now)
        && maySpin()
        && searching.compareAndSet(now, now + 1);
  }

  /** Looks for work for a moment. */
  private Runnable spin() {
    long began = System.nanoTime();
    long before = began;
    while (idleCpu(searching.get() - 1)) {
      for (int i = 0; i < LOOKS; i++) {
        Runnable task = queue.poll();
        if (task != null) {
          patience.found();
          return task;
        }
        Thread.onSpinWait();
      }
      long now = System.nanoTime();
      if (crowding.lost(before, now) || patience.over(began, now)) {
        return null;
      }
      before = now;
    }
    return null;
  }

  /** One thread of the host. */
  private final class Carrier extends Thread {
    /** Published by being parked. */
    private long idleSince;

    /** Where the CPU is that its summoner keeps busy. */
    private int summonedFrom = Crowding.NOWHERE;

    /** It counts as one that searches. Written after {@link #summonedFrom}. */
    private volatile boolean summoned;

    Carrier(int number) {
      super("carrier-" + number);
      setDaemon(true);
    }

    /** The caller has counted it as one that searches. */
    void summon(int from) {
      summonedFrom = from;
      summoned = true;
      LockSupport.unpark(this);
    }

    @Override
    public void run() {
      Runnable task = await(true);
      for (; ; ) {
        perform(task);
        task = queue.poll();
        if (task == null) {
          busy.getAndDecrement();
          task = await(joinSearch());
        } else {
          taken++;
        }
      }
    }

    private void perform(Runnable task) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        getUncaughtExceptionHandler().uncaughtException(this, e);
      }
    }

    /**
     * Waits for work; it counts as busy when it returns.
     *
     * @param counted among those that search
     */
    private Runnable await(boolean counted) {
      boolean searches = counted;
      idleSince = System.nanoTime();
      for (; ; ) {
        Runnable task = searches ? search() : null;
        if (task != null) {
          return task;
        }
        summoned = false;
        boolean watches = busy.get() != 0 && crowded() && lookout.compareAndSet(null, this);
        if (!watches) {
          push(this);
        }
        if (searches) {
          searching.getAndDecrement();
        }
        if (watches) {
          task = watch(searches);
          if (task != null) {
            return task;
          }
        }
        sleepUntilSummoned();
        searches = true;
      }
    }

    /** What is found is the caller's, which is then busy and does not search any more. */
    private Runnable search() {
      Runnable task = queue.poll();
      if (task == null && maySpin()) {
        task = spin();
      }
      if (task != null) {
        taken++;
        busy.getAndIncrement();
        if (searching.decrementAndGet() == 0 && !queue.isEmpty()) {
          Carriers.this.summon(true);
        }
      }
      return task;
    }

    private void sleepUntilSummoned() {
      if (!queue.isEmpty()) {
        Carriers.this.summon(false);
      }
      while (!summoned) {
        LockSupport.park(Carriers.this);
      }
      crowding.summoned(summonedFrom);
    }

    /**
     * On the lookout. What is found is the caller's, which is then busy. Null: it is so no more,
     * and has been summoned or is to sleep.
     *
     * @param searched until now, and somebody may have relied on that
     */
    private Runnable watch(boolean searched) {
      boolean found = searched && !queue.isEmpty();
      int seen = taken;
      long period = LOOKOUT_PERIOD;
      for (int quiet = 0; !found && quiet < QUIET_PERIODS; ) {
        LockSupport.parkNanos(Carriers.this, period);
        if (summoned) {
          return null;
        }
        int now = taken;
        quiet = now != seen ? 0 : quiet + 1;
        period = quiet != 0 ? LOOKOUT_PERIOD : Math.min(2 * period, LONGEST_PERIOD);
        found = quiet != 0 && !queue.isEmpty();
        seen = now;
      }
      if (!lookout.compareAndSet(this, null)) {
        return null; // it is just being summoned
      }
      Runnable task = queue.poll();
      if (task == null) {
        push(this);
        return null;
      }
      taken++;
      busy.getAndIncrement();
      if (!queue.isEmpty()) {
        Carriers.this.summon(true);
      }
      return task;
    }
  }
}
