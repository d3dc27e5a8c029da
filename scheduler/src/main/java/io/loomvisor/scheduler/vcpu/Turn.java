package io.loomvisor.scheduler.vcpu;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * A turn of a task that computes, which the thread of a vCPU does for it ({@link VcpuWorker}); made
 * by the task's thread, which waits until it is over. Then the lease is the task's.
 */
final class Turn<V> {
  private final Function<? super V, ?> work;
  private final Account account;
  private final LeasedClaim<V> claim;
  private final Thread task = Thread.currentThread();

  // Written by the worker before done.
  private Slot<V> slot;
  private Object result;
  private Throwable failure;
  private long spent;

  private volatile boolean done;

  Turn(Function<? super V, ?> work, Account account, LeasedClaim<V> claim) {
    this.work = work;
    this.account = account;
    this.claim = claim;
  }

  Account account() {
    return account;
  }

  /** The worker: goes on with it; true if it is over. */
  boolean attempt(Slot<V> on) {
    slot = on;
    claim.runsOn(on);
    try {
      result = work.apply(on.vcpu());
    } catch (RuntimeException | Error e) {
      failure = e;
    }
    return result != null || failure != null;
  }

  /** The worker: somebody else goes first. */
  void interrupted() {
    slot = null;
    claim.countPreemption();
  }

  /**
   * The task goes on.
   *
   * @param nanos what the lease has cost so far
   */
  void finish(long nanos) {
    spent = nanos;
    done = true;
    LockSupport.unpark(task);
  }

  /** The task: waits until it is over. The vCPU it has then; null if the pool is closed. */
  Slot<V> await() {
    boolean interrupted = false;
    while (!done) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return slot;
  }

  long spent() {
    return spent;
  }

  Object result() {
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    return result;
  }
}
