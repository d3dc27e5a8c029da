package io.loomvisor.scheduler.wait;

/**
 * One registration with a {@link WaitQueue}. The callback runs on the notifier's thread and must
 * neither wait nor ask.
 */
@FunctionalInterface
public interface WaitEntry {
  /** Called with the poll events (POLLIN, POLLOUT, …) that may now hold. */
  void notified(int events);
}
