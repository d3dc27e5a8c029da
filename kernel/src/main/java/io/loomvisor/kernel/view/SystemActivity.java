package io.loomvisor.kernel.view;

import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ResourceUsage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the sandbox as a whole has done: CPU time and context switches of all tasks, those that have
 * ended included, and the load averages. Any thread; the averages are the timer's alone.
 */
public final class SystemActivity {
  /** LOAD_FREQ of linux/sched/loadavg.h, but for its one tick more. */
  private static final long SAMPLE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How much of an average over 1, 5 and 15 minutes is left after a sample: e^(-5s/period). */
  private static final double[] DECAY = {
    Math.exp(-5.0 / 60), Math.exp(-5.0 / 300), Math.exp(-5.0 / 900)
  };

  private final ProcessTree processes;
  private final TimerService timers;
  private final LongAdder endedUser = new LongAdder();
  private final LongAdder endedSystem = new LongAdder();
  private final LongAdder endedSwitches = new LongAdder();

  // What has been shown: the sums never go down, though a task that ends is for a moment in neither
  // of their parts.
  private final AtomicLong shownUser = new AtomicLong();
  private final AtomicLong shownSystem = new AtomicLong();
  private final AtomicLong shownSwitches = new AtomicLong();

  /** Immutable, replaced by each sample. */
  private volatile double[] load = new double[DECAY.length];

  private volatile boolean stopped;

  public SystemActivity(ProcessTree processes, TimerService timers) {
    this.processes = processes;
    this.timers = timers;
  }

  /** Begins to sample the load. */
  public void start() {
    timers.schedule(timers.now() + SAMPLE_NANOS, this::sample);
  }

  /** Ends that, with the next sample at the latest. */
  public void stop() {
    stopped = true;
  }

  private void sample() {
    if (stopped) {
      return;
    }
    int running = running();
    double[] now = load.clone();
    for (int i = 0; i < now.length; i++) {
      now[i] = now[i] * DECAY[i] + running * (1 - DECAY[i]);
    }
    load = now;
    start();
  }

  /** Tasks that run or wait for a CPU. */
  int running() {
    int n = 0;
    for (Task t : processes.allTasks()) {
      n += t.blocked() ? 0 : 1;
    }
    return n;
  }

  /** Over 1, 5 and 15 minutes. */
  double[] load() {
    return load.clone();
  }

  /** A task is no longer among those of the process tree. */
  public void ended(ResourceUsage usage) {
    endedUser.add(usage.user());
    endedSystem.add(usage.system());
    endedSwitches.add(usage.voluntarySwitches() + usage.involuntarySwitches());
  }

  /** In ns, of all CPUs. */
  long userTime() {
    long live = processes.allTasks().stream().mapToLong(t -> t.cpuTime().user()).sum();
    return rising(shownUser, live + endedUser.sum());
  }

  long systemTime() {
    long live = processes.allTasks().stream().mapToLong(t -> t.cpuTime().system()).sum();
    return rising(shownSystem, live + endedSystem.sum());
  }

  long contextSwitches() {
    long live = 0;
    for (Task t : processes.allTasks()) {
      ResourceUsage u = t.usage();
      live += u.voluntarySwitches() + u.involuntarySwitches();
    }
    return rising(shownSwitches, live + endedSwitches.sum());
  }

  private static long rising(AtomicLong shown, long now) {
    return shown.accumulateAndGet(now, Math::max);
  }
}
