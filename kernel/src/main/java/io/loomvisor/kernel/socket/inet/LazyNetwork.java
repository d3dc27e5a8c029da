package io.loomvisor.kernel.socket.inet;

import io.loomvisor.scheduler.time.TimerService;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The network of a sandbox, made when it is first needed: most programs never open an internet
 * socket, and making the stack would be a good part of their start. Any thread.
 */
public final class LazyNetwork {
  private final TimerService timers;
  private final PingGroups pingGroups = new PingGroups();
  private final AtomicReference<InetNetwork> made = new AtomicReference<>();

  public LazyNetwork(TimerService timers) {
    this.timers = timers;
  }

  public InetNetwork get() {
    InetNetwork n = made.get();
    if (n == null) {
      // Of two that are made at once, one is never used and holds nothing.
      made.compareAndSet(null, new InetNetwork(timers));
      n = made.get();
    }
    return n;
  }

  public PingGroups pingGroups() {
    return pingGroups;
  }

  /** Null if nobody has needed it yet. */
  public InetNetwork ifMade() {
    return made.get();
  }
}
