package io.loomvisor.scheduler.vcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Decisions of the sticky pool, on a clock that stands until it is put forward. */
class RunQueueTest {
  private static final long MS = 1_000_000;
  private static final long SLICE = 5 * MS;
  private static final long ALL = Long.MAX_VALUE;

  private final List<Task> tasks = new ArrayList<>();
  private RunQueue<Integer> queue;
  private long now;
  private int host = 1;

  /** One that competes. */
  private final class Task {
    final Account account = new Account();
    private Waiter<Slot<Integer>> waiter;
    private int last = LeaseStrategy.NONE;
    private long begun;
    private long ran;

    Task(Terms terms) {
      account.setTerms(terms);
      tasks.add(this);
    }

    /** Wakes up, and wants a vCPU. Who should make room, if anybody. */
    Slot<Integer> wake() {
      return arrive(true);
    }

    /** Has been got out and wants to go on. */
    void come() {
      arrive(false);
    }

    private Slot<Integer> arrive(boolean woken) {
      waiter = waiter(woken);
      return queue.enter(waiter, now);
    }

    private Waiter<Slot<Integer>> waiter(boolean woken) {
      return new Waiter<>(last, account, woken) {
        @Override
        void grant(Slot<Integer> slot) {
          begun = now;
          super.grant(slot);
        }
      };
    }

    boolean runs() {
      return waiter != null && waiter.granted() != null;
    }

    int vcpu() {
      return waiter.granted().index();
    }

    Slot<Integer> slot() {
      return waiter.granted();
    }

    void rotate(long spent) {
      Slot<Integer> slot = waiter.granted();
      ran += Math.min(spent, now - begun);
      last = slot.index();
      waiter = waiter(false);
      queue.rotate(slot, spent, waiter, now);
    }

    void leave() {
      leave(ALL);
    }

    void leave(long spent) {
      Slot<Integer> slot = waiter.granted();
      ran += Math.min(spent, now - begun);
      last = slot.index();
      waiter = null;
      queue.leave(slot, spent, now);
    }
  }

  private void sticky(int cpus, int spares) {
    List<Integer> vcpus = IntStream.range(0, cpus + spares).boxed().toList();
    queue = new RunQueue<>(vcpus, cpus, 1, cpus + spares, LeaseStrategy.STICKY, SLICE);
    now = 1_000 * MS;
  }

  private Task task() {
    return new Task(Terms.ORDINARY);
  }

  private static Terms weight(int weight) {
    return new Terms(0, weight, true, false, null);
  }

  private static Terms bound(int... cpus) {
    BitSet set = new BitSet();
    for (int cpu : cpus) {
      set.set(cpu);
    }
    return new Terms(0, Terms.NORMAL, true, false, set);
  }

  private static Terms realTime(int priority, boolean rotates) {
    return new Terms(priority, Terms.NORMAL, true, rotates, null);
  }

  /** All that wait or run compute for so many slices; whoever has to makes room. */
  private void compute(int slices) {
    for (int i = 0; i < slices; i++) {
      List<Slot<Integer>> vacate = new ArrayList<>();
      now += SLICE;
      queue.overdue(vacate, now);
      for (Slot<Integer> slot : vacate) {
        Task holder = tasks.stream().filter(t -> t.runs() && t.slot() == slot).findFirst().get();
        if (queue.mustLeave(slot, now)) {
          holder.rotate((now - holder.begun) / host);
        }
      }
    }
  }

  @Test
  void whoWakesUpRunsAtOnceBesideOnesThatCompute() {
    sticky(2, 2);
    for (int i = 0; i < 4; i++) {
      task().come();
    }
    Task timer = task();
    timer.wake();
    assertFalse(timer.runs(), "it is new: it waits its turn");
    while (!timer.runs()) {
      compute(1);
    }
    timer.leave();
    compute(2);
    for (int i = 0; i < 100; i++) {
      now += MS;
      assertNull(timer.wake(), "a spare is there: nobody need be got out");
      assertTrue(timer.runs());
      now += MS / 10;
      timer.leave();
      if (i % 5 == 0) {
        compute(1);
      }
      assertEquals(2, tasks.stream().filter(Task::runs).count());
    }
  }

  /** Getting one of two out is worth it only if both stay. */
  @Test
  void theOneThatHasHadMoreLeavesACrowdedCpu() {
    sticky(1, 1);
    Task hog = task();
    hog.come();
    now += 100 * MS;
    Task woken = task();
    woken.wake();
    assertFalse(woken.runs(), "new ones wait");
    compute(1);
    assertTrue(woken.runs());
    woken.leave();
    now += 100 * MS;
    woken.wake();
    assertTrue(woken.runs() && hog.runs());
    List<Slot<Integer>> vacate = new ArrayList<>();
    assertTrue(queue.overdue(vacate, now + MS) <= SLICE);
    assertEquals(List.of(), vacate);
    now += SLICE;
    queue.overdue(vacate, now);
    assertEquals(List.of(hog.slot()), vacate);
    assertTrue(queue.mustLeave(hog.slot(), now));
    hog.leave();
    hog.come();
    assertFalse(hog.runs(), "its vCPU stays unused");
    woken.leave();
    assertTrue(hog.runs());
  }

  @Test
  void withoutASpareTheWorstHolderIsToldOnce() {
    sticky(2, 0);
    Task first = task();
    first.come();
    now += 10 * MS;
    Task second = task();
    second.come();
    Task sleeper = task();
    sleeper.come();
    first.leave();
    sleeper.leave();
    first.come();
    now += 50 * MS;
    Slot<Integer> told = sleeper.wake();
    assertNotNull(told);
    assertTrue(queue.mustLeave(told, now));
    Task other = task();
    assertNull(other.wake(), "a new one waits");
  }

  /** Sleepers get in early, but not again and again: what they use counts. */
  @Test
  void sleepersDoNotStarveOthers() {
    sticky(1, 1);
    Task hog = task();
    hog.come();
    List<Task> sleepers = List.of(task(), task());
    long shared = 0;
    for (int i = 0; i < 2_000; i++) {
      for (Task sleeper : sleepers) {
        sleeper.wake();
      }
      compute(1);
      for (Task sleeper : sleepers) {
        if (sleeper.runs()) {
          sleeper.leave();
        } else {
          while (!sleeper.runs()) {
            compute(1);
          }
          sleeper.leave();
        }
      }
      shared = hog.ran;
    }
    long total = tasks.stream().mapToLong(t -> t.ran).sum();
    assertTrue(shared * 5 > total, shared + " of " + total);
  }

  /** The host's delays are not the task's doing. */
  @Test
  void timeWithoutACpuOfTheHostDoesNotCount() {
    sticky(1, 1);
    Task hog = task();
    hog.come();
    Task sleeper = task();
    sleeper.come();
    compute(20);
    while (!sleeper.runs()) {
      compute(1);
    }
    sleeper.leave();
    for (int i = 0; i < 50; i++) {
      now += 10 * MS;
      sleeper.wake();
      assertTrue(sleeper.runs(), "turn " + i);
      now += 20 * MS;
      sleeper.leave(MS / 10);
    }
  }

  private double ratio(Terms one, Terms other, int slices) {
    return ratio(one, other, slices, 1);
  }

  /**
   * How the two share.
   *
   * @param host of so many ns of a turn the host gives them one
   */
  private double ratio(Terms one, Terms other, int slices, int host) {
    sticky(1, 1);
    this.host = host;
    Task a = new Task(one);
    Task b = new Task(other);
    a.come();
    b.come();
    compute(slices);
    return (double) a.ran / b.ran;
  }

  @Test
  void computingTasksShareByWeight() {
    assertEquals(1.0, ratio(weight(1024), weight(1024), 1_000), 0.05);
    assertEquals(3.0, ratio(weight(1024 * 3), weight(1024), 1_000), 0.2);
    assertEquals(1024 / 15.0, ratio(weight(1024), weight(15), 20_000), 5);
    assertEquals(1024 / 15.0, ratio(weight(1024), weight(15), 40_000, 3), 5, "on a busy host");
  }

  @Test
  void boundTasksRunOnTheirCpusOnly() {
    sticky(2, 2);
    List<Task> bound = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      bound.add(new Task(bound(1)));
      bound.getLast().wake();
    }
    Task free = task();
    free.wake();
    for (int i = 0; i < 200; i++) {
      compute(1);
      for (Task t : bound) {
        assertTrue(!t.runs() || t.vcpu() % 2 == 1);
      }
      assertTrue(free.runs(), "one CPU is left to it");
      assertEquals(1, bound.stream().filter(Task::runs).count());
    }
    for (Task t : bound) {
      assertTrue(t.ran > 50 * SLICE, "each has its third");
    }
  }

  @Test
  void aChangedAffinityMovesATask() {
    sticky(2, 2);
    Task task = task();
    task.come();
    assertEquals(0, task.vcpu());
    task.account.setTerms(bound(1));
    assertEquals(0, queue.changed(task.account, now).index());
    assertTrue(queue.mustLeave(task.slot(), now));
    task.leave();
    task.come();
    assertEquals(1, task.vcpu() % 2);
    Task waits = new Task(bound(1));
    waits.come();
    assertFalse(waits.runs());
    waits.account.setTerms(bound(0, 1));
    assertNull(queue.changed(waits.account, now));
    assertEquals(0, waits.vcpu());
    assertEquals(0, queue.waiting());
  }

  @Test
  void realTimeTasksGoFirstByPriority() {
    sticky(1, 1);
    Task ordinary = task();
    ordinary.come();
    Task low = new Task(realTime(1, false));
    low.wake();
    assertTrue(low.runs(), "on the spare");
    compute(1);
    assertFalse(ordinary.runs());
    Task high = new Task(realTime(50, false));
    high.wake();
    assertTrue(high.runs());
    compute(20);
    assertTrue(high.runs());
    assertFalse(low.runs());
    high.leave();
    assertTrue(low.runs());
    low.leave();
    assertTrue(ordinary.runs());
  }

  @Test
  void onlyRoundRobinTasksOfOnePriorityTakeTurns() {
    sticky(1, 1);
    Task a = new Task(realTime(5, false));
    Task b = new Task(realTime(5, false));
    a.wake();
    b.wake();
    compute(20);
    assertTrue(a.runs());
    a.leave();
    b.leave();
    Task c = new Task(realTime(5, true));
    Task d = new Task(realTime(5, true));
    c.wake();
    d.wake();
    compute(20);
    assertEquals(c.ran, d.ran, SLICE);
  }
}
