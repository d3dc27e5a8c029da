package io.loomvisor.kernel.socket.inet;

import io.loomvisor.net.time.Clock;
import io.loomvisor.scheduler.time.TimerService;

/** The sandbox's timer service as the net-stack's clock. */
record StackClock(TimerService timers) implements Clock {
  @Override
  public long nanoTime() {
    return timers.now();
  }

  @Override
  public Timer schedule(long deadline, Runnable action) {
    TimerService.Timer timer = timers.schedule(deadline, action);
    return timer::cancel;
  }
}
