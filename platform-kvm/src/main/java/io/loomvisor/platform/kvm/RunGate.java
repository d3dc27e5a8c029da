package io.loomvisor.platform.kvm;

import io.loomvisor.platform.Platform;
import io.loomvisor.platform.kvm.host.Libc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One vCPU is used by one thread at a time, which passes this gate: it may touch the vCPU's state
 * until it leaves. The gate tells the others whether somebody is inside, on which tables, and gets
 * him out of KVM_RUN.
 *
 * <p>The kicker claims the run by a compare-and-set, sets KVM's immediate_exit and signals the
 * thread. The runner, leaving, finds the claim and waits until the kicker is through. So the thread
 * is alive while it is signalled, the signal reaches it no later than here, and a kick just before
 * KVM_RUN is not lost: KVM looks at immediate_exit on entry.
 */
final class RunGate {
  /** For {@link #quiesce}: whatever tables. */
  static final long ANY = -1;

  /** For {@link #tryEnter}: the runner uses the vCPU but runs no application. */
  static final long NO_TABLES = -2;

  /** Sets or clears kvm_run.immediate_exit. */
  @FunctionalInterface
  interface ImmediateExit {
    void set(boolean on);
  }

  private static final int OUTSIDE = 0;

  /** Somebody is inside but has not said yet who and on which tables; a matter of nanoseconds. */
  private static final int ENTERING = 1;

  private static final int INSIDE = 2;
  private static final int KICKING = 3;
  private static final int KICKED = 4;
  private static final int CLOSED = 5;

  private static final int SPINS = 200;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(RunGate.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ImmediateExit immediateExit;
  private volatile int state = OUTSIDE;

  // Written by the runner while it enters; read by others while it is inside.
  private long root;
  private long thread;

  /** How many times somebody has left; written by the runner. */
  private volatile long runs;

  private volatile boolean closing;

  RunGate(ImmediateExit immediateExit) {
    this.immediateExit = immediateExit;
  }

  /**
   * Goes in, if nobody is inside. What others have stored before they looked at the gate and found
   * nobody is seen by whatever follows. The virtual thread must not be unmounted until it leaves:
   * it is the host's thread that is inside.
   *
   * @throws Platform.ClosedException if the vCPU is gone or about to go
   */
  boolean tryEnter(long tables) {
    if (closing) {
      throw new Platform.ClosedException();
    }
    if (!STATE.compareAndSet(this, OUTSIDE, ENTERING)) {
      return false;
    }
    root = tables;
    thread = Libc.pthreadSelf();
    STATE.setRelease(this, INSIDE);
    return true;
  }

  void leave() {
    if (!STATE.compareAndSet(this, INSIDE, OUTSIDE)) {
      for (int i = 0; state == KICKING; i++) {
        pause(i);
      }
      immediateExit.set(false);
      state = OUTSIDE;
    }
    runs = runs + 1;
  }

  /** Any thread; without effect if nobody is inside. */
  void kick() {
    awaitEntered();
    if (STATE.compareAndSet(this, INSIDE, KICKING)) {
      try {
        immediateExit.set(true);
        Libc.kick(thread);
      } finally {
        state = KICKED;
      }
    }
  }

  private int awaitEntered() {
    int now = state;
    while (now == ENTERING) {
      Thread.onSpinWait();
      now = state;
    }
    return now;
  }

  /** Returns when no run that began before the call is still going on with these tables. */
  void quiesce(long tables) {
    long before = runs;
    int now = awaitEntered();
    if (now == OUTSIDE || now == CLOSED || tables != ANY && root != tables) {
      return;
    }
    kick();
    for (int i = 0; runs == before && state != OUTSIDE; i++) {
      pause(i);
    }
  }

  /** Lets nobody in any more; returns when nobody is inside. */
  void close() {
    closing = true;
    for (int i = 0; state != CLOSED && !STATE.compareAndSet(this, OUTSIDE, CLOSED); i++) {
      kick();
      pause(i);
    }
  }

  /** Whether somebody is inside at the moment. */
  boolean busy() {
    return state != OUTSIDE;
  }

  /** The one waited for needs a few microseconds, or the CPU that we are on. */
  static void pause(int i) {
    if (i < SPINS) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }
}
