package io.loomvisor.scheduler.actor;

import io.loomvisor.scheduler.carrier.TaskThreads;
import io.loomvisor.scheduler.jfr.ActorWaitEvent;
import io.loomvisor.scheduler.jfr.Recording;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A subsystem that owns its state. One message runs at a time; messages of one sender run in the
 * order sent.
 *
 * <p>Sending to an idle actor runs the message on the caller's thread. Sending to a busy actor
 * queues the message; the present holder runs it before it lets go. {@link #ask} returns when the
 * message has run; {@link #tell} returns at once.
 *
 * <p>Rules for a message: it never waits for an event (a wait is a reply that comes later, see
 * {@link io.loomvisor.scheduler.wait.Sleeper}), and it asks only actors of lower {@link Rank}.
 */
public abstract class Actor {
  private static final VarHandle TAIL;

  static {
    try {
      TAIL = MethodHandles.lookup().findVarHandle(Actor.class, "tail", Message.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Marks an actor that is held and whose queue is empty. */
  private static final Message HELD = new Message(null, null);

  /**
   * What a thread holds: the innermost actor, whose {@link #outer} is the next one out; null for
   * none. One object for the life of the thread, so that an ask looks its thread up once.
   */
  private static final class Holdings {
    Actor innermost;
  }

  private static final ThreadLocal<Holdings> HOLDINGS = ThreadLocal.withInitial(Holdings::new);

  private final Rank rank;

  /**
   * null: idle. {@link #HELD}: held, nothing queued. Otherwise the newest queued message, linked to
   * older ones.
   */
  private volatile Message tail;

  /** What the holder held before it entered this actor; written and read by the holder only. */
  private Actor outer;

  /** The holding thread; written by the holder only, read racily to reject an ask of oneself. */
  private Thread holder;

  protected Actor(Rank rank) {
    this.rank = rank;
  }

  public final Rank rank() {
    return rank;
  }

  /** Whether the current thread holds an actor, and so must not wait. */
  public static boolean holdsAny() {
    return HOLDINGS.get().innermost != null;
  }

  /**
   * Runs {@code message} in this actor and returns its value; exceptions pass through to the
   * caller.
   */
  protected final <R> R ask(Supplier<R> message) {
    Holdings mine = checkedOrder();
    if (TAIL.compareAndSet(this, null, HELD)) {
      enter(mine);
      try {
        return message.get();
      } finally {
        leave(mine);
      }
    }
    return askBusy(message, mine);
  }

  /** As {@link #ask(Supplier)} for messages without a value. */
  protected final void ask(Runnable message) {
    Holdings mine = checkedOrder();
    if (TAIL.compareAndSet(this, null, HELD)) {
      enter(mine);
      try {
        message.run();
      } finally {
        leave(mine);
      }
      return;
    }
    askBusy(
        () -> {
          message.run();
          return null;
        },
        mine);
  }

  /**
   * Runs {@code message} in this actor, now if it is idle and the caller holds no actor, otherwise
   * soon on the thread that holds it. An exception goes to {@link #onFailure}.
   */
  protected final void tell(Runnable message) {
    Holdings mine = HOLDINGS.get();
    if (mine.innermost == null && TAIL.compareAndSet(this, null, HELD)) {
      enter(mine);
      try {
        runTold(message);
      } finally {
        leave(mine);
      }
      return;
    }
    Message m = new Message(() -> runTold(message), null);
    if (enqueue(m)) {
      // The actor was idle but we hold another one: its order may forbid running here, so a fresh
      // thread drains it.
      TaskThreads.start(this::drainOnOwnThread);
    }
  }

  /**
   * Called with what a told message threw. The default hands it to the thread's uncaught-exception
   * handler.
   */
  protected void onFailure(Throwable failure) {
    Thread t = Thread.currentThread();
    t.getUncaughtExceptionHandler().uncaughtException(t, failure);
  }

  private void runTold(Runnable message) {
    try {
      message.run();
    } catch (RuntimeException | Error e) {
      onFailure(e);
    }
  }

  private <R> R askBusy(Supplier<R> body, Holdings mine) {
    Reply<R> reply = new Reply<>(body, Thread.currentThread());
    Message m = new Message(reply, reply);
    if (enqueue(m)) {
      // It became idle between our two looks: we are the holder now and run the queue ourselves.
      enter(mine);
      leave(mine);
    }
    return Recording.POSSIBLE ? awaitRecorded(reply) : reply.await();
  }

  private <R> R awaitRecorded(Reply<R> reply) {
    ActorWaitEvent event = new ActorWaitEvent();
    event.begin();
    try {
      return reply.await();
    } finally {
      event.end();
      if (event.shouldCommit()) {
        event.actor = getClass();
        event.rank = rank.name();
        event.commit();
      }
    }
  }

  /** Adds {@code m}; true if the actor was idle, in which case the caller has become its holder. */
  private boolean enqueue(Message m) {
    for (; ; ) {
      Message t = tail;
      m.older = t == null ? HELD : t;
      if (TAIL.compareAndSet(this, t, m)) {
        return t == null;
      }
    }
  }

  private void drainOnOwnThread() {
    Holdings mine = HOLDINGS.get();
    enter(mine);
    leave(mine);
  }

  private void enter(Holdings mine) {
    outer = mine.innermost;
    holder = Thread.currentThread();
    mine.innermost = this;
  }

  /** Runs what was queued meanwhile, oldest first, then lets go. */
  private void leave(Holdings mine) {
    while (!release(mine)) {
      Message batch = reverse((Message) TAIL.getAndSet(this, HELD));
      while (batch != null) {
        Message next = batch.older;
        batch.older = null;
        batch.body.run();
        batch = next;
      }
    }
  }

  private boolean release(Holdings mine) {
    if (tail != HELD) {
      return false;
    }
    Actor before = outer;
    outer = null;
    holder = null;
    if (TAIL.compareAndSet(this, HELD, null)) {
      mine.innermost = before;
      return true;
    }
    outer = before;
    holder = Thread.currentThread();
    return false;
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

  private Holdings checkedOrder() {
    Holdings mine = HOLDINGS.get();
    Actor held = mine.innermost;
    if (held != null && held.rank.ordinal() >= rank.ordinal()) {
      throw new AskOrderException(held, this, held == this || holder == Thread.currentThread());
    }
    return mine;
  }

  /** One queued message; {@code older} links towards the head of the queue. */
  private static final class Message {
    final Runnable body;
    final Reply<?> reply;
    Message older;

    Message(Runnable body, Reply<?> reply) {
      this.body = body;
      this.reply = reply;
    }
  }

  /** The reply slot of an ask that had to queue. */
  private static final class Reply<R> implements Runnable {
    private final Supplier<R> body;
    private final Thread asker;
    private R value;
    private Throwable failure;
    private volatile boolean done;

    Reply(Supplier<R> body, Thread asker) {
      this.body = body;
      this.asker = asker;
    }

    @Override
    public void run() {
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
