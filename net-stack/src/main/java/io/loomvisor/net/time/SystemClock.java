package io.loomvisor.net.time;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link System#nanoTime} with one daemon thread for the timers. */
public final class SystemClock implements Clock, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SystemClock.class);

  private final ScheduledThreadPoolExecutor timers;

  public SystemClock() {
    timers =
        new ScheduledThreadPoolExecutor(
            1, body -> Thread.ofPlatform().name("net-timers").daemon(true).unstarted(body));
    timers.setRemoveOnCancelPolicy(true);
    timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Timer schedule(long deadline, Runnable action) {
    if (timers.isShutdown()) {
      return () -> false;
    }
    long delay = Math.max(0, deadline - System.nanoTime());
    Future<?> f = timers.schedule(() -> run(action), delay, TimeUnit.NANOSECONDS);
    return () -> f.cancel(false);
  }

  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.error("a timer failed", e);
    }
  }

  @Override
  public void close() {
    timers.shutdownNow();
  }
}
