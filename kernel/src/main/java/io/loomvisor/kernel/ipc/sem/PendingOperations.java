package io.loomvisor.kernel.ipc.sem;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.task.process.ThreadGroup;
import java.util.List;

/**
 * The operations of one semop(2), all or none of which are done. Whoever waits sleeps on {@link
 * #waiters} until {@link #done}; all else is the set's.
 */
public final class PendingOperations {
  /** How far one attempt came. */
  enum Outcome {
    DONE,
    WAITS,
    FAILED
  }

  private final List<SemaphoreOperation> operations;
  private final ThreadGroup process;
  private final boolean alters;
  private final WaitQueue waiters = new WaitQueue();

  /** The one that could not be done at the last attempt: what GETNCNT and GETZCNT count. */
  private SemaphoreOperation blocking;

  private Errno failure;
  private volatile boolean done;

  public PendingOperations(List<SemaphoreOperation> operations, ThreadGroup process) {
    this.operations = operations;
    this.process = process;
    this.alters = operations.stream().anyMatch(o -> o.change() != 0);
  }

  List<SemaphoreOperation> operations() {
    return operations;
  }

  ThreadGroup process() {
    return process;
  }

  /** Whether any of them changes a value. */
  boolean alters() {
    return alters;
  }

  /** The largest number of a semaphore in it. */
  int maxNumber() {
    return operations.stream().mapToInt(SemaphoreOperation::number).max().orElse(0);
  }

  boolean undoes() {
    return operations.stream().anyMatch(SemaphoreOperation::undo);
  }

  SemaphoreOperation blocking() {
    return blocking;
  }

  void blockedBy(SemaphoreOperation operation) {
    blocking = operation;
  }

  /**
   * @param error null for success
   */
  void complete(Errno error) {
    failure = error;
    done = true;
    waiters.notifyEvents(1);
  }

  public WaitQueue waiters() {
    return waiters;
  }

  public boolean done() {
    return done;
  }

  /** After {@link #done}: throws if they failed. */
  public void check() {
    if (failure != null) {
      throw failure.exception();
    }
  }
}
