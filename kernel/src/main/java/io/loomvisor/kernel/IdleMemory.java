package io.loomvisor.kernel;

import io.loomvisor.platform.Platform;
import io.loomvisor.scheduler.carrier.TaskThreads;
import io.loomvisor.scheduler.time.TimerService;

/**
 * Has the platform give memory back to the host that the sandbox has freed and not wanted again for
 * a while. Until then it is kept, since the host takes longer to find a page than it takes to zero
 * one.
 */
final class IdleMemory {
  /** Nanoseconds after which free memory counts as unused. */
  private static final long PERIOD = 1_000_000_000;

  private final Platform platform;
  private final TimerService timers;

  private IdleMemory(Platform platform, TimerService timers) {
    this.platform = platform;
    this.timers = timers;
  }

  /** Begins; ends with the platform. */
  static void watch(Platform platform, TimerService timers) {
    new IdleMemory(platform, timers).schedule();
  }

  private void schedule() {
    timers.schedule(timers.now() + PERIOD, () -> TaskThreads.start(this::look));
  }

  /** On a thread of its own, since host calls would hold up other timers. */
  private void look() {
    if (platform.closed()) {
      return;
    }
    platform.memory().giveBackUnused();
    schedule();
  }
}
