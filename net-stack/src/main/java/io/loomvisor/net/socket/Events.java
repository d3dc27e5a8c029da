package io.loomvisor.net.socket;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The events of one endpoint on their way to its {@link Readiness.Listener}: gathered inside the
 * mailbox, told once it has been left.
 */
public final class Events {
  private final AtomicInteger pending = new AtomicInteger();
  private final Runnable delivery = this::deliver;
  private volatile Readiness.Listener listener = events -> {};

  /** Who hears of events from now on. */
  public void listener(Readiness.Listener l) {
    listener = l;
  }

  public void mute() {
    listener = events -> {};
  }

  /**
   * Notes events.
   *
   * @return what has to be called outside of the mailbox, or null if that is under way already
   */
  public Runnable raise(int events) {
    for (; ; ) {
      int before = pending.get();
      if (pending.compareAndSet(before, before | events)) {
        return before == 0 ? delivery : null;
      }
    }
  }

  private void deliver() {
    int events = pending.getAndSet(0);
    if (events != 0) {
      listener.ready(events);
    }
  }
}
