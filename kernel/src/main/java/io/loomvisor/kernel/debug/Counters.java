package io.loomvisor.kernel.debug;

import io.loomvisor.task.CallCounts;
import io.loomvisor.task.Task;
import io.loomvisor.task.UsageCounters;
import io.loomvisor.task.process.ProcessTree;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sums over all tasks, those that have ended included. A task that ends while somebody reads may be
 * missing or counted twice.
 */
public final class Counters {
  private static final int KINDS = CallCounts.OTHER + 1;

  /**
   * System calls of one kind.
   *
   * @param nanos of all together, waits included
   */
  public record CallCount(String name, long count, long nanos) {}

  private final ProcessTree processes;
  private final AtomicLongArray endedCounts = new AtomicLongArray(KINDS);
  private final AtomicLongArray endedNanos = new AtomicLongArray(KINDS);
  private final LongAdder endedTasks = new LongAdder();
  private final LongAdder endedFaults = new LongAdder();
  private final LongAdder endedExceptions = new LongAdder();
  private final LongAdder endedInterrupts = new LongAdder();
  private final LongAdder endedSleeps = new LongAdder();
  private final LongAdder endedLeases = new LongAdder();
  private final LongAdder endedPreemptions = new LongAdder();

  public Counters(ProcessTree processes) {
    this.processes = processes;
  }

  /** {@code task} is no longer in the process tree. */
  public void ended(Task task) {
    task.calls()
        .visit(
            (number, count, nanos) -> {
              endedCounts.addAndGet(number, count);
              endedNanos.addAndGet(number, nanos);
            });
    UsageCounters c = task.counters();
    endedTasks.increment();
    endedFaults.add(c.minorFaults());
    endedExceptions.add(c.exceptions());
    endedInterrupts.add(c.interrupts());
    endedSleeps.add(c.voluntarySwitches());
    endedLeases.add(task.context().leases());
    endedPreemptions.add(task.context().preemptions());
  }

  /** Kinds of calls that there have been, the longest in sum first. */
  public List<CallCount> calls() {
    long[] counts = new long[KINDS];
    long[] nanos = new long[KINDS];
    for (int i = 0; i < KINDS; i++) {
      counts[i] = endedCounts.get(i);
      nanos[i] = endedNanos.get(i);
    }
    for (Task t : processes.allTasks()) {
      t.calls()
          .visit(
              (number, count, time) -> {
                counts[number] += count;
                nanos[number] += time;
              });
    }
    List<CallCount> all = new ArrayList<>();
    for (int i = 0; i < KINDS; i++) {
      if (counts[i] != 0) {
        all.add(new CallCount(TaskDump.callName(i), counts[i], nanos[i]));
      }
    }
    all.sort(Comparator.comparingLong(CallCount::nanos).reversed());
    return all;
  }

  /** The rest, by name. */
  public Map<String, Long> others() {
    long faults = endedFaults.sum();
    long exceptions = endedExceptions.sum();
    long interrupts = endedInterrupts.sum();
    long sleeps = endedSleeps.sum();
    long leases = endedLeases.sum();
    long preemptions = endedPreemptions.sum();
    long live = 0;
    for (Task t : processes.allTasks()) {
      UsageCounters c = t.counters();
      live++;
      faults += c.minorFaults();
      exceptions += c.exceptions();
      interrupts += c.interrupts();
      sleeps += c.voluntarySwitches();
      leases += t.context().leases();
      preemptions += t.context().preemptions();
    }
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("tasks", live);
    all.put("endedTasks", endedTasks.sum());
    all.put("pageFaults", faults);
    all.put("exceptions", exceptions);
    all.put("interrupts", interrupts);
    all.put("sleeps", sleeps);
    all.put("vcpuLeases", leases);
    all.put("vcpuPreemptions", preemptions);
    return all;
  }
}
