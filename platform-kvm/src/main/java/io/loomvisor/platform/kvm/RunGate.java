package io.loomvisor.platform.kvm;

import io.loomvisor.platform.Platform;
import io.loomvisor.platform.kvm.host.Libc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Tells whether somebody uses one vCPU, on which tables, and gets him out of KVM_RUN.
 *
 * <p>The kicker claims the run by a compare-and-set, sets KVM's immediate_exit and signals the thread. The runner, leaving,
 * finds the claim and waits until the kicker is through. So the thread is alive while it is signalled, the signal reaches
 * it no later than here, and a kick just before KVM_RUN is not lost: KVM looks at immediate_exit on entry.
 */
final class RunGate {
  /** For {@link #quiesce}: whatever tables. */
  static final long ANY = -1;

  /** Sets or clears kvm_run.immediate_exit. */
  @FunctionalInterface
  interface ImmediateExit {
    void set(boolean on);
  }

  private static final int OUTSIDE = 0;
  private static final int INSIDE = 1;
  private static final int KICKING = 2;
  private static final int KICKED = 3;
  private static final int CLOSED = 4;

  /** For {@link #enter}: the runner uses the vCPU but runs no application. */
  static final long NO_TABLES = -2;

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

  /** Written by the runner before it enters, read by others while it is inside. */
  private volatile long root;

  private volatile long thread;

  /** How many runs have ended; written by the runner. */
  private volatile long runs;

  private volatile boolean closing;

  RunGate(ImmediateExit immediateExit) {
    this.immediateExit = immediateExit;
  }

  /**
   * The runner is about to touch the vCPU. Everything others set before this may be looked at after it.
   *
   * @throws Platform.ClosedException if the vCPU is gone or about to go
   */
  void enter(long tables) {
    root = tables;
    thread = Libc.pthreadSelf();
    if (closing || !STATE.compareAndSet(this, OUTSIDE, INSIDE)) {
      throw new Platform.ClosedException();
    }
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
    if (STATE.compareAndSet(this, INSIDE, KICKING)) {
      try {
        immediateExit.set(true);
        Libc.kick(thread);
      } finally {
        state = KICKED;
      }
    }
  }

  /** Returns when no run that began before the call is still going on with these tables. */
  void quiesce(long tables) {
    long before = runs;
    int now = state;
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

  /** The one waited for needs a few microseconds, or the CPU that we are on. */
  private static void pause(int i) {
    if (i < SPINS) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }
}
