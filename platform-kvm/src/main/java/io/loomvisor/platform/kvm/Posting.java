package io.loomvisor.platform.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.loomvisor.platform.PolledCalls;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.host.Libc;
import io.loomvisor.platform.kvm.memory.CallPage;
import io.loomvisor.platform.kvm.memory.PageTables;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * How one task and the poller meet (docs/exitless.md). What the guest posts lies in an area that
 * the application can write, so it is read once and believed only as what the application wants.
 * Who may serve the task is decided here: {@link #turn}, which no guest sees.
 *
 * <p>The poller calls {@link #serve}; everything else belongs to the task's turn on a vCPU and its
 * own thread.
 */
final class Posting {
  // States of an area.
  static final int IDLE = 0;
  static final int POSTED = 1;
  static final int DONE = 2;

  /** The entry code leaves the guest with any other state. */
  static final int DECLINED = 3;

  /** Done, and the sentry wants to see the task before it goes on. */
  static final int DONE_COME_OUT = 4;

  // Bits of turn.
  private static final int INSIDE = 1;
  private static final int SERVING = 2;
  private static final int LEAVING = 4;

  /**
   * Calls in a row that were posted in vain, nobody having looked or the call having been declined,
   * before the task leaves it for a while.
   */
  private static final int MOST_MISSES = 4;

  /** So often the own thread looks whether the poller is through before it sleeps. */
  private static final int PAUSES = 300;

  private static final VarHandle STATE = JAVA_INT.varHandle();
  private static final VarHandle WORD = JAVA_LONG.varHandle();
  private static final VarHandle TURN;

  static {
    try {
      TURN = MethodHandles.lookup().findVarHandle(Posting.class, "turn", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MemorySegment memory;
  private final AnswerSlots.Slot allowance;
  private final PolledCalls calls;

  private CallPage page;
  private int number = -1;

  /** Offset in memory of the area; read by the poller while it serves. */
  private long area;

  /** The run has begun with posting on, and has not been left. */
  private boolean entered;

  /** The run has ended in a call that has been posted. */
  private boolean posted;

  /** The CPU of the host on which the run has begun; -1 outside. */
  private volatile int cpu = -1;

  /** Set back by who serves. */
  private int misses;

  private int missedIn;

  /** The thread that sleeps until the poller is through; null for none. */
  private volatile Thread waiter;

  /** 0, or INSIDE while the task may be in the guest, with what happens meanwhile. */
  @SuppressWarnings("unused")
  private volatile int turn;

  Posting(MemorySegment memory, AnswerSlots.Slot allowance, PolledCalls calls) {
    this.memory = memory;
    this.allowance = allowance;
    this.calls = calls;
  }

  /**
   * Whether the next run on these tables may post.
   *
   * @param stint of the poller: what was missed in one does not count in the next
   */
  boolean possible(PageTables tables, int stint) {
    CallPage now = tables.callPage();
    if (now != page || now != null && number < 0) {
      close();
      page = now;
      number = now == null ? -1 : now.take();
      area = number < 0 ? 0 : now.offset(number);
    }
    if (missedIn != stint) {
      missedIn = stint;
      misses = 0;
    }
    return number >= 0 && misses < MOST_MISSES && allowance.allowed();
  }

  /** Where the guest sees the area. */
  long address() {
    return CallPage.address(number);
  }

  /** The run begins: from now on the poller may serve. */
  void enter() {
    entered = true;
    cpu = Libc.cpu();
    TURN.setRelease(this, INSIDE);
  }

  /** Any thread. */
  int cpu() {
    return cpu;
  }

  boolean entered() {
    return entered;
  }

  /** The guest has left with a call that it has posted. */
  void leftPosted() {
    posted = true;
  }

  /**
   * RAX and RDX of a call that was being posted when the vCPU was interrupted.
   *
   * @param counting RDX is in the area too
   */
  void restore(Registers r, int vcpu, boolean counting) {
    r.rax = (long) WORD.getOpaque(memory, page.scratch(vcpu));
    if (counting) {
      r.rdx = (long) WORD.getOpaque(memory, area + CallPage.RDX);
    }
  }

  /**
   * The run is over and the gate has been left: the poller, should it be serving, may ask the
   * address space, whose holder may be waiting for that gate. Afterwards it does not serve any
   * more.
   *
   * @return whether the call that the run ended with has been served; RAX is then its result
   */
  boolean leave(Registers r) {
    if (!entered) {
      return false;
    }
    entered = false;
    cpu = -1;
    TURN.getAndBitwiseOr(this, LEAVING);
    awaitServed();
    TURN.setRelease(this, 0);
    if (!posted) {
      return false;
    }
    posted = false;
    int state = (int) STATE.getAcquire(memory, area);
    boolean done = state == DONE || state == DONE_COME_OUT;
    if (done) {
      r.rax = (long) WORD.getOpaque(memory, area + CallPage.RESULT);
    } else {
      misses++;
    }
    STATE.setRelease(memory, area, IDLE);
    return done;
  }

  /** Mostly a matter of microseconds; but a call may wait for the gofer, or for an actor. */
  private void awaitServed() {
    for (int i = 0; (turn & SERVING) != 0 && i < PAUSES; i++) {
      RunGate.pause(i);
    }
    if ((turn & SERVING) != 0) {
      waiter = Thread.currentThread();
      boolean interrupted = false;
      while ((turn & SERVING) != 0) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      waiter = null;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Serves what has been posted; false if nothing has. The poller only. */
  boolean serve() {
    if (turn != INSIDE
        || (int) STATE.getAcquire(memory, area) != POSTED
        || !TURN.compareAndSet(this, INSIDE, INSIDE | SERVING)) {
      return false;
    }
    try {
      // Between the look and now the task may have been out and in again.
      if ((int) STATE.getAcquire(memory, area) != POSTED) {
        return false;
      }
      long result = allowance.allowed() ? callPosted() : PolledCalls.DECLINED;
      if (result == PolledCalls.DECLINED) {
        STATE.setRelease(memory, area, DECLINED);
      } else {
        misses = 0;
        WORD.setOpaque(memory, area + CallPage.RESULT, result);
        STATE.setRelease(memory, area, calls.comeOut() ? DONE_COME_OUT : DONE);
      }
      return true;
    } finally {
      TURN.getAndBitwiseAnd(this, ~SERVING);
      Thread t = waiter;
      if (t != null) {
        LockSupport.unpark(t);
      }
    }
  }

  /** Everything once, without a guest. Only where there is none. */
  void rehearse(Registers r) {
    enter();
    leftPosted();
    STATE.setRelease(memory, area, POSTED);
    serve();
    leave(r);
  }

  private long callPosted() {
    return calls.serve(
        word(CallPage.NUMBER),
        word(CallPage.RDI),
        word(CallPage.RSI),
        word(CallPage.RDX),
        word(CallPage.R10),
        word(CallPage.R8),
        word(CallPage.R9));
  }

  private long word(int offset) {
    return (long) WORD.getOpaque(memory, area + offset);
  }

  /** The task ends, or goes to another address space. */
  void close() {
    if (number >= 0) {
      page.giveBack(number);
      number = -1;
    }
  }
}
