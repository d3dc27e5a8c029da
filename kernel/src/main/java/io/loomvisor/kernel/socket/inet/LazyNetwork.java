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

  /** Set before the application runs. */
  private volatile HostSockets host;

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

  /** From now on sockets are those of the host's network: before the first one is made. */
  public void useHost(HostSockets sockets) {
    host = sockets;
  }

  /** Null if sockets are the stack's. */
  public HostSockets host() {
    return host;
  }

  /** Null if nobody has needed it yet. */
  public InetNetwork ifMade() {
    return made.get();
  }
}
