package io.loomvisor.net.actor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A part of the stack that owns its state: one message runs at a time, in the order sent by each
 * sender.
 *
 * <p>{@link #tell} never waits. {@link #ask} waits only for the present holder to let go; it may be
 * called by applications and by callbacks, never by code that is itself inside a mailbox.
 */
public abstract class Mailbox {
  private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);
  private static final VarHandle TAIL;

  /**
   * A holder that has drained this many messages of others passes the mailbox to a fresh virtual
   * thread.
   */
  private static final int MAX_DRAIN = 4096;

  static {
    try {
      TAIL = MethodHandles.lookup().findVarHandle(Mailbox.class, "tail", Message.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Marks a mailbox that is held and has nothing queued. */
  private static final Message HELD = new Task(null);

  private static final AtomicReference<Throwable> LAST_FAILURE = new AtomicReference<>();

  /**
   * null: idle. {@link #HELD}: held, empty. Otherwise the newest queued message, linked to older
   * ones.
   */
  private volatile Message tail;

  protected Mailbox() {}

  /**
   * What was last thrown inside any mailbox since this was last asked, or null. For tests: such a
   * failure is logged and otherwise goes unseen.
   */
  public static Throwable takeFailure() {
    return LAST_FAILURE.getAndSet(null);
  }

  /**
   * Runs {@code body} inside this mailbox and returns its value; what it throws passes to the
   * caller.
   */
  protected final <R> R ask(Supplier<R> body) {
    Trampoline here = Trampoline.current();
    here.checkMayAsk(this);
    if (TAIL.compareAndSet(this, null, HELD)) {
      here.enter(this);
      R result;
      try {
        result = body.get();
      } finally {
        leave(here);
        here.settle();
      }
      return result;
    }
    return askBusy(here, body);
  }

  /** As {@link #ask(Supplier)}, without a value. */
  protected final void ask(Runnable body) {
    ask(
        () -> {
          body.run();
          return null;
        });
  }

  /** Sends {@code message}. It runs now if this mailbox is idle and the caller is inside none. */
  protected final void tell(Message message) {
    if (enqueue(message)) {
      Trampoline here = Trampoline.current();
      here.claim(this);
      here.settle();
    }
  }

  /** Sends a piece of code. */
  protected final void tell(Runnable body) {
    tell(new Task(body));
  }

  /** Runs {@code callback} on this thread once it is outside of all mailboxes. */
  protected final void callOut(Runnable callback) {
    Trampoline.current().callOut(callback);
  }

  /** Called inside the mailbox whenever its queue has been emptied, before it is let go. */
  protected void onBatchEnd() {}

  /**
   * What a told message or {@link #onBatchEnd} threw; a bug in the stack, never a property of the
   * input.
   */
  protected void onFailure(Throwable failure) {
    LAST_FAILURE.set(failure);
    LOG.error("{} failed", getClass().getSimpleName(), failure);
  }

  /**
   * Runs everything queued, then lets go. The caller is the thread that made the mailbox non-idle.
   */
  final void drain(Trampoline here) {
    here.enter(this);
    leave(here);
  }

  private void leave(Trampoline here) {
    int drained = 0;
    for (; ; ) {
      Message batch = tail == HELD ? null : reverse((Message) TAIL.getAndSet(this, HELD));
      while (batch != null) {
        Message next = batch.older;
        batch.older = null;
        deliver(batch);
        batch = next;
        drained++;
      }
      if (tail == HELD) {
        endBatch();
        here.exit();
        if (TAIL.compareAndSet(this, HELD, null)) {
          return;
        }
        here.enter(this);
      }
      if (drained > MAX_DRAIN) {
        here.exit();
        Thread.startVirtualThread(this::drainElsewhere);
        return;
      }
    }
  }

  private void drainElsewhere() {
    Trampoline here = Trampoline.current();
    drain(here);
    here.settle();
  }

  private void deliver(Message message) {
    try {
      message.deliver(this);
    } catch (RuntimeException | Error e) {
      message.discard();
      onFailure(e);
    }
  }

  private void endBatch() {
    try {
      onBatchEnd();
    } catch (RuntimeException | Error e) {
      onFailure(e);
    }
  }

  private <R> R askBusy(Trampoline here, Supplier<R> body) {
    Reply<R> reply = new Reply<>(body, Thread.currentThread());
    if (enqueue(reply)) {
      here.claim(this);
    }
    // The holder may be this very thread, which has claimed the mailbox but not run it yet: run all
    // such claims first.
    here.runClaims();
    R result = reply.await();
    here.settle();
    return result;
  }

  /**
   * Adds {@code m}; true if the mailbox was idle, in which case the caller must see to it that it
   * is drained.
   */
  private boolean enqueue(Message m) {
    for (; ; ) {
      Message t = tail;
      m.older = t == null ? HELD : t;
      if (TAIL.compareAndSet(this, t, m)) {
        return t == null;
      }
    }
  }

  private static Message reverse(Message newest) {
    Message done = null;
    Message m = newest;
    while (m != HELD) {
      Message older = m.older;
      m.older = done;
      done = m;
      m = older;
    }
    return done;
  }

  private static final class Task extends Message {
    private final Runnable body;

    Task(Runnable body) {
      this.body = body;
    }

    @Override
    protected void deliver(Mailbox owner) {
      body.run();
    }
  }

  /** The reply slot of an ask that had to queue. */
  private static final class Reply<R> extends Message {
    private final Supplier<R> body;
    private final Thread asker;
    private R value;
    private Throwable failure;

    /** Publishes {@link #value} and {@link #failure} to the asker. */
    private volatile boolean done;

    Reply(Supplier<R> body, Thread asker) {
      this.body = body;
      this.asker = asker;
    }

    @Override
    protected void deliver(Mailbox owner) {
      try {
        value = body.get();
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      done = true;
      LockSupport.unpark(asker);
    }

    R await() {
      boolean interrupted = false;
      while (!done) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      return value;
    }
  }
}
