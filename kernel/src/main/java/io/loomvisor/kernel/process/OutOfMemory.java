package io.loomvisor.kernel.process;

import io.loomvisor.kernel.block.WaitSet;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.scheduler.wait.WaitEntry;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when the sandbox has no frame left: caches shrink, then the largest process is
 * killed (mm/oom_kill.c). Runs on the thread of the task that wants a frame; only the choice of a
 * victim is made in the actor, so that two tasks do not kill two at once.
 */
public final class OutOfMemory extends Actor {
  private static final Logger LOG = LoggerFactory.getLogger(OutOfMemory.class);

  /** OOM_SCORE_ADJ_MIN: never chosen. */
  static final int UNKILLABLE = -1000;

  private static final int POLLIN = 1;
  private static final int ENOUGH_MIN = 64;
  private static final int ENOUGH_SHARE = 1024;

  /** The application decides how often it runs out of memory, so not every time is logged. */
  private static final long REPORT_INTERVAL = 1_000_000_000L;

  private final ProcessTree processes;
  private final MemoryFile memory;

  /** Free frames that serve any page fault. */
  private final long enough;

  private final List<LongSupplier> caches = new CopyOnWriteArrayList<>();

  private long lastReport = System.nanoTime() - REPORT_INTERVAL;
  private int unreported;

  public OutOfMemory(ProcessTree processes, MemoryFile memory) {
    super(Rank.OUT_OF_MEMORY);
    this.processes = processes;
    this.memory = memory;
    this.enough = Math.max(ENOUGH_MIN, memory.frameLimit() / ENOUGH_SHARE);
  }

  /** {@code shrink} gives frames back that are only kept to save time, and says how many. */
  public void addCache(LongSupplier shrink) {
    caches.add(shrink);
  }

  /** It is gone. */
  public void removeCache(LongSupplier shrink) {
    caches.remove(shrink);
  }

  /**
   * Makes room, waiting for a process to end if need be; the caller holds no actor.
   *
   * @param before how often this has been asked for the same allocation. What a failed attempt
   *     gives back may be all that the caches have, so they count as help the first time only
   * @return whether to try again: false if the caller itself is to die or nothing can be had
   */
  public boolean relieve(Task task, int before) {
    if (Actor.holdsAny() || task.group().exiting()) {
      return false;
    }
    caches.forEach(LongSupplier::getAsLong);
    if (before == 0 && memory.frameLimit() - memory.framesInUse() >= enough) {
      return true;
    }
    ThreadGroup dying =
        ask(
            () -> {
              ThreadGroup already = dying();
              return already != null ? already : kill();
            });
    return dying != null && (task.aside() ? awaitEndAside(task, dying) : awaitEnd(task, dying));
  }

  /** A process that is about to give its memory back; null if there is none. */
  private ThreadGroup dying() {
    return processes.groups(g -> g.exiting() && g.size() > 0).stream().findFirst().orElse(null);
  }

  private ThreadGroup kill() {
    record Candidate(ThreadGroup group, MemoryManager memory, long badness) {}
    Candidate worst =
        processes.groups(g -> g.settings().oomScoreAdjustment() > UNKILLABLE).stream()
            .flatMap(g -> g.tasks().stream().limit(1))
            .map(t -> new Candidate(t.group(), t.memoryManager(), badness(t)))
            .max(Comparator.comparingLong(Candidate::badness))
            .orElse(null);
    if (worst == null) {
      return null;
    }
    report(worst.group, worst.memory);
    for (ThreadGroup g : processes.groups(g -> uses(g, worst.memory))) {
      processes.send(g, SignalInfo.kernel(Signal.SIGKILL), null);
    }
    return worst.group;
  }

  private void report(ThreadGroup group, MemoryManager memory) {
    if (System.nanoTime() - lastReport < REPORT_INTERVAL) {
      unreported++;
      return;
    }
    LOG.warn(
        "out of memory: killed process {} ({}), {} KiB resident{}",
        Integer.toString(group.id()),
        group.tasks().stream().findFirst().map(Task::name).orElse("gone"),
        Long.toString(memory.resident() >> 10),
        unreported == 0 ? "" : "; " + unreported + " more since the last report");
    lastReport = System.nanoTime();
    unreported = 0;
  }

  /** oom_badness(): resident pages, and a share of all memory for each thousandth of adjustment. */
  private long badness(Task task) {
    long adjustment = task.group().settings().oomScoreAdjustment() * (memory.frameLimit() / 1000);
    return (task.memoryManager().resident() >> 12) + adjustment;
  }

  private static boolean uses(ThreadGroup group, MemoryManager memory) {
    return group.tasks().stream().anyMatch(t -> t.memoryManager() == memory);
  }

  /**
   * As {@link #awaitEnd} on a thread that is not the task's: its call may have taken effect and
   * must go on here.
   */
  private static boolean awaitEndAside(Task task, ThreadGroup dying) {
    Sleeper sleeper = new Sleeper();
    sleeper.bind(Thread.currentThread());
    WaitEntry entry = events -> sleeper.ready();
    dying.exitEvents().register(entry, POLLIN);
    try {
      for (; ; ) {
        sleeper.arm();
        if (task.group().exiting()) {
          return false;
        }
        if (dying.size() == 0) {
          return true;
        }
        sleeper.sleep(Sleeper.FOREVER, false);
      }
    } finally {
      dying.exitEvents().unregister(entry);
    }
  }

  /** False if the task itself is killed meanwhile. */
  private static boolean awaitEnd(Task task, ThreadGroup dying) {
    try (WaitSet waits = new WaitSet(task)) {
      waits.add(dying.exitEvents(), POLLIN);
      for (; ; ) {
        waits.arm();
        if (task.group().exiting()) {
          return false;
        }
        if (dying.size() == 0) {
          return true;
        }
        task.sleep(Sleeper.FOREVER, false);
      }
    }
  }
}
