package io.loomvisor.kernel.ipc.msg;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.Credentials;

/** A task that waits for a queue: it sleeps on {@link #waiters} until {@link #done}. */
public abstract sealed class Waiter {
  private final WaitQueue waiters = new WaitQueue();
  private final int process;

  /** As whom it waits; null before it does. */
  private Credentials who;

  private Errno failure;
  private volatile boolean done;

  private Waiter(int process) {
    this.process = process;
  }

  int process() {
    return process;
  }

  void waitsAs(Credentials credentials) {
    who = credentials;
  }

  Credentials who() {
    return who;
  }

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

  /** msgsnd(2). */
  public static final class Sender extends Waiter {
    private final Message message;

    public Sender(Message message, int process) {
      super(process);
      this.message = message;
    }

    Message message() {
      return message;
    }
  }

  /** msgrcv(2). */
  public static final class Receiver extends Waiter {
    private final Selector selector;
    private final long room;
    private final boolean cuts;
    private Message message;

    /**
     * @param room bytes of text that the application has a buffer for
     * @param cuts MSG_NOERROR: longer messages are cut
     */
    public Receiver(Selector selector, long room, boolean cuts, int process) {
      super(process);
      this.selector = selector;
      this.room = room;
      this.cuts = cuts;
    }

    Selector selector() {
      return selector;
    }

    boolean fits(Message m) {
      return cuts || m.text().length <= room;
    }

    void take(Message m) {
      message = m;
      complete(null);
    }

    /** What has been received, once it is done without failure. */
    public Message message() {
      return message;
    }
  }
}
