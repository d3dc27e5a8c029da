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
 * How one task and whoever serves its calls meet: the poller (docs/exitless.md), or another task
 * while this one stands by (docs/standby.md). What the guest posts lies in an area that the
 * application can write, so it is read once and believed only as what the application wants. Who
 * may serve the task is decided here: {@link #turn}, which no guest sees.
 *
 * <p>The poller calls {@link #serve}, others {@link #awaitPosted} and {@link #serveStandingBy};
 * everything else belongs to the task's turn on a vCPU and its own thread.
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

  /** Who has waited so often in vain for the guest to post its call waits no more. */
  private static final int PROMPT = 4;

  /** A call keeps whoever serves it busy for less than that, ns. */
  private static final long SLOW = 1_000_000;

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

  /** What standing by has come to. */
  enum StoodBy {
    /** A call was served meanwhile. */
    SERVED,
    /** A call was posted and the task lost patience. */
    IN_VAIN,
    NEITHER
  }

  /** What came of trying to serve a task that stands by. */
  enum Attempt {
    ANSWERED,
    /** Its call would have to wait. */
    STANDS_BY,
    /** It is on its way out of the guest, or somebody else is at it. */
    GONE
  }

  private final MemorySegment memory;
  private final AnswerSlots.Slot allowance;
  private final PolledCalls calls;

  /** RDI RSI RDX R10 R8 R9 of the call that is being served. */
  private final long[] arguments = new long[6];

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

  /** The run stands by. */
  private boolean standingBy;

  /** With a call of this number. */
  private int awaited;

  /** There. */
  private VCpu where;

  /** When that run began, {@link System#nanoTime}; read by others. */
  private volatile long since;

  /** The same run has been served while it stood by. By who serves it. */
  private boolean served;

  /** How long that took if it took long, ns, otherwise 0. By who serves it. */
  private long slow;

  private StoodBy stoodBy = StoodBy.NEITHER;

  /** Whether it is worth while to wait until it posts, above 0; a guess of all. */
  private int prompt = PROMPT;

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
   * Whether the next run on these tables may post to the poller.
   *
   * @param stint of the poller: what was missed in one does not count in the next
   */
  boolean possible(PageTables tables, int stint) {
    if (missedIn != stint) {
      missedIn = stint;
      misses = 0;
    }
    return misses < MOST_MISSES && possible(tables);
  }

  /** Whether the next run on these tables may stand by: what the poller missed is its own. */
  boolean possible(PageTables tables) {
    CallPage now = tables.callPage();
    if (now != page || now != null && number < 0) {
      close();
      page = now;
      number = now == null ? -1 : now.take();
      area = number < 0 ? 0 : now.offset(number);
    }
    return number >= 0 && allowance.allowed();
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

  /** As {@link #enter}, with one call that whoever comes out of the guest may serve. */
  void enterStandingBy(VCpu vcpu, int call) {
    entered = true;
    standingBy = true;
    awaited = call;
    where = vcpu;
    slow = 0;
    since = System.nanoTime();
    TURN.setRelease(this, INSIDE);
  }

  /** Whether the present run stands by. Own thread. */
  boolean standingBy() {
    return standingBy;
  }

  /** What the last run that stood by has come to. Own thread. */
  StoodBy stoodBy() {
    return stoodBy;
  }

  /** How long it kept others busy if that was long, ns, otherwise 0. Own thread. */
  long slow() {
    return slow;
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
    boolean stands = standingBy;
    standingBy = false;
    stoodBy = served ? StoodBy.SERVED : StoodBy.NEITHER;
    served = false;
    if (!posted) {
      return false;
    }
    posted = false;
    int state = (int) STATE.getAcquire(memory, area);
    boolean done = state == DONE || state == DONE_COME_OUT;
    if (done) {
      r.rax = (long) WORD.getOpaque(memory, area + CallPage.RESULT);
    } else if (!stands) {
      misses++;
    } else if (stoodBy != StoodBy.SERVED) {
      unanswered();
    }
    STATE.setRelease(memory, area, IDLE);
    return done;
  }

  private void unanswered() {
    if ((int) STATE.getOpaque(memory, area + CallPage.LEFT) == 0) {
      stoodBy = StoodBy.IN_VAIN;
    } else if (prompt < PROMPT) {
      prompt++; // somebody has looked too early
    }
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
    if (turn != INSIDE || !posts() || !claim()) {
      return false;
    }
    try {
      // Between the look and now the task may have been out and in again.
      if (!posts()) {
        return false;
      }
      long result = callPosted(word(CallPage.NUMBER));
      if (result == PolledCalls.DECLINED) {
        STATE.setRelease(memory, area, DECLINED);
      } else {
        misses = 0;
        answer(result);
      }
      return true;
    } finally {
      disclaim();
    }
  }

  private boolean posts() {
    return (int) STATE.getAcquire(memory, area) == POSTED;
  }

  private boolean claim() {
    return TURN.compareAndSet(this, INSIDE, INSIDE | SERVING);
  }

  private void disclaim() {
    TURN.getAndBitwiseAnd(this, ~SERVING);
    Thread t = waiter;
    if (t != null) {
      LockSupport.unpark(t);
    }
  }

  private void answer(long result) {
    WORD.setOpaque(memory, area + CallPage.RESULT, result);
    STATE.setRelease(memory, area, calls.comeOut() ? DONE_COME_OUT : DONE);
  }

  /**
   * Whether the run stands by and has posted its call. If it has only just begun it may be about to
   * do that, and is waited for.
   *
   * @param entry so long, ns, from its beginning
   */
  boolean awaitPosted(long entry) {
    if (turn != INSIDE) {
      return false;
    }
    int hope = prompt;
    if (posts() || hope <= 0 || System.nanoTime() - since >= entry) {
      return posts();
    }
    do {
      Thread.onSpinWait();
      if (posts()) {
        prompt = Math.min(hope + 1, PROMPT);
        return true;
      }
    } while (turn == INSIDE && System.nanoTime() - since < entry);
    prompt = Math.max(hope - PROMPT, -2 * PROMPT);
    return false;
  }

  /**
   * Serves the call with which the task stands by, if it need not wait any more. Any thread.
   *
   * @param happened what the task has seen if it goes on standing by
   */
  Attempt serveStandingBy(int happened) {
    if (!claim()) {
      return Attempt.GONE;
    }
    try {
      if (!posts()) {
        return Attempt.GONE;
      }
      long called = word(CallPage.NUMBER);
      if ((int) called != awaited) {
        STATE.setRelease(memory, area, DECLINED); // somebody has written to the area
        return Attempt.GONE;
      }
      long began = System.nanoTime();
      long result = callPosted(called);
      long took = System.nanoTime() - began;
      if (took > SLOW) {
        slow = took;
      }
      where.see(happened);
      if (result == PolledCalls.DECLINED) {
        return Attempt.STANDS_BY;
      }
      served = true;
      answer(result);
      return Attempt.ANSWERED;
    } finally {
      disclaim();
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

  private long callPosted(long called) {
    if (!allowance.allowed()) {
      return PolledCalls.DECLINED;
    }
    long[] words = arguments;
    MemorySegment.copy(memory, JAVA_LONG, area + CallPage.RDI, words, 0, words.length);
    return calls.serve(called, words[0], words[1], words[2], words[3], words[4], words[5]);
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
