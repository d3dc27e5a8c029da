package io.loomvisor.vfs.mqueue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.wait.WaitQueue;

/** A task that waits for a queue: it sleeps on {@link #waiters} until {@link #done}. */
public abstract sealed class QueueWaiter {
  private final WaitQueue waiters = new WaitQueue();
  private Errno failure;
  private volatile boolean done;

  private QueueWaiter() {}

  public WaitQueue waiters() {
    return waiters;
  }

  public boolean done() {
    return done;
  }

  /** After {@link #done}: throws if it failed. */
  public void check() {
    if (failure != null) {
      throw failure.exception();
    }
  }

  /**
   * @param error null for success
   */
  void complete(Errno error) {
    failure = error;
    done = true;
    waiters.notifyEvents(1);
  }

  /** mq_timedsend(2). */
  public static final class Sender extends QueueWaiter {
    private final QueuedMessage message;

    public Sender(QueuedMessage message) {
      this.message = message;
    }

    QueuedMessage message() {
      return message;
    }
  }

  /** mq_timedreceive(2). */
  public static final class Receiver extends QueueWaiter {
    private QueuedMessage message;

    void take(QueuedMessage m) {
      message = m;
      complete(null);
    }

    /** What has been received, once it is done without failure. */
    public QueuedMessage message() {
      return message;
    }
  }
}
