package io.loomvisor.scheduler.vcpu;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A task that wants a vCPU; made by its own thread.
 *
 * @param <S> what it is given
 */
class Waiter<S> {
  private final Thread thread = Thread.currentThread();
  private final int last;
  private final Account account;
  private final boolean woken;
  private volatile S granted;

  /**
   * @param last index of the vCPU it had last
   * @param woken it has slept; otherwise it has been made to give up the one it had
   */
  Waiter(int last, Account account, boolean woken) {
    this.last = last;
    this.account = account;
    this.woken = woken;
  }

  Account account() {
    return account;
  }

  Terms terms() {
    return account.terms();
  }

  int last() {
    return last;
  }

  boolean woken() {
    return woken;
  }

  S granted() {
    return granted;
  }

  /** The waiter has it from now on; any thread. */
  void grant(S slot) {
    granted = slot;
    wake();
  }

  void wake() {
    if (thread != Thread.currentThread()) {
      LockSupport.unpark(thread);
    }
  }

  /** Own thread: waits until something is granted or {@code closed}. Null if closed. */
  S await(BooleanSupplier closed) {
    boolean interrupted = false;
    while (granted == null && !closed.getAsBoolean()) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return granted;
  }
}
