package io.loomvisor.platform.kvm;

import io.loomvisor.platform.kvm.host.Libc;
import io.loomvisor.scheduler.carrier.TaskThreads;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that looks for posted calls and serves them (docs/exitless.md). It has a whole CPU
 * while it looks, so it does that only as long as calls come and nobody else has a use for the CPU:
 * tasks of the sandbox, by {@link #runnable}, or anybody on the host, which shows in that the
 * thread gets no CPU for a moment.
 *
 * <p>It is a platform thread for the reason that {@code PreemptionClock} is one. All methods: any
 * thread.
 */
final class CallPoller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CallPoller.class);

  /** After a stint in vain it stays away, ns: at first so long, and longer if it happens again. */
  private static final long LEAST_ABSENCE = 1_000_000;

  /** Looking in vain as often as that costs some thousandths of a CPU. */
  private static final long MOST_ABSENCE = 100_000_000;

  /**
   * How much longer than usual the first call of a stint may take to come, ns: the task that has
   * woken the poller has to come out once more, and may get its call page first.
   */
  private static final long BEGINNING = 300_000;

  /**
   * Who has looked this long, ns, without losing the CPU may hope again: somebody who computes
   * would have got it after two ticks of the host's.
   */
  private static final long UNDISTURBED = 10_000_000;

  /** Fewer calls than that do not make up for the way in and out. */
  private static final int WORTH_WHILE = 20;

  private final VcpuSet vcpus;
  private final AnswerSlots slots;
  private final Polling limits;

  /** Null until it is first wanted: most sandboxes live without. */
  private volatile Thread thread;

  /** The poller's. */
  private Whereabouts whereabouts;

  /** Tasks that run or wait for a vCPU. */
  private final AtomicInteger runnable = new AtomicInteger();

  private final AtomicBoolean started = new AtomicBoolean();

  /** It has been woken and has not ended its stint. */
  private volatile boolean wanted;

  private volatile boolean closed;

  /** The CPU of the host on which the task ran that has woken it. */
  private volatile int wokenOn;

  // Written by the poller.
  private volatile boolean looking;
  private volatile int stint;
  private volatile long notBefore = System.nanoTime();
  private long absence = LEAST_ABSENCE;
  private long served;
  private int vain;
  private volatile boolean rehearsed;

  /** Calls that have come in quick succession before the rehearsal. */
  private final AtomicInteger made = new AtomicInteger();

  /** A guest that may post has been on the poller's CPU when last seen: it waits for us. */
  private boolean inTheWay;

  /**
   * @param slots for the rehearsal
   */
  CallPoller(VcpuSet vcpus, AnswerSlots slots, Polling limits) {
    this.vcpus = vcpus;
    this.slots = slots;
    this.limits = limits;
  }

  /** So many more tasks run or want to. */
  void runnable(int more) {
    runnable.getAndAdd(more);
  }

  /** A task that makes so many calls in quick succession is to {@link #wake}. */
  int often() {
    return looking ? 1 : limits.often();
  }

  /** How often the entry code is to look for an answer; 0: it is not to post. */
  int spins() {
    return looking ? limits.spins() : 0;
  }

  /** Counts the times that it has begun to look. */
  int stint() {
    return stint;
  }

  /**
   * Calls are being made that could be posted.
   *
   * @return whether they are looked for, or about to be
   */
  boolean wake() {
    if (wanted) {
      return true;
    }
    if (closed || !idleCpu() || System.nanoTime() - notBefore < 0) {
      return false;
    }
    if (!rehearsed && made.addAndGet(limits.often()) < limits.worthRehearsing()) {
      return false;
    }
    wokenOn = Libc.cpu();
    wanted = true;
    if (!started.get() && started.compareAndSet(false, true)) {
      thread = Thread.ofPlatform().daemon().name("call-poller").start(this::loop);
    }
    LockSupport.unpark(thread);
    return true;
  }

  /** Tasks that run or wait for a vCPU. */
  int running() {
    return runnable.get();
  }

  private boolean idleCpu() {
    return runnable.get() < limits.cpus();
  }

  private void loop() {
    whereabouts = new Whereabouts();
    while (!closed) {
      if (wanted && !rehearsed) {
        rehearsed =
            Rehearsal.run(slots, this::serveAll, () -> !closed && idleCpu(), limits.considerate());
        if (!rehearsed) {
          notBefore = System.nanoTime() + MOST_ABSENCE;
        }
        wanted = false;
      } else if (wanted) {
        stint = stint + 1;
        looking = true;
        TaskThreads.computing(1);
        look();
        TaskThreads.computing(-1);
        looking = false;
        wanted = false;
      } else {
        LOG.debug(
            "call poller: {} calls served in {} stints, {} of them in vain or disturbed",
            Long.toString(served),
            Integer.toString(stint),
            Integer.toString(vain));
        LockSupport.park(this);
      }
    }
  }

  private void look() {
    long servedBefore = served;
    long began = System.nanoTime();
    long before = began;
    long last = began + BEGINNING;
    boolean disturbed =
        limits.considerate() && Libc.cpu() == wokenOn && !whereabouts.leave(wokenOn);
    while (!disturbed && !closed && idleCpu() && before - last < limits.patience()) {
      boolean any = serveAll();
      long now = System.nanoTime();
      // A call may take as long as it likes.
      disturbed =
          !any && now - before > limits.lost() || inTheWay && !whereabouts.leave(Libc.cpu());
      before = now;
      if (any) {
        last = now;
      } else {
        Thread.onSpinWait();
      }
    }
    boolean worthWhile = served - servedBefore >= WORTH_WHILE;
    if (!disturbed && worthWhile || !limits.considerate()) {
      absence = LEAST_ABSENCE;
      return;
    }
    vain++;
    boolean hopeful = worthWhile && before - began > UNDISTURBED;
    absence = hopeful ? LEAST_ABSENCE : Math.min(absence * 2, MOST_ABSENCE);
    notBefore = before + absence;
  }

  private boolean serveAll() {
    boolean any = false;
    int here = limits.considerate() ? Libc.cpu() : -1;
    inTheWay = false;
    for (VCpu vcpu : vcpus.all()) {
      Posting posting = vcpu.posting();
      if (posting != null) {
        if (posting.serve()) {
          served++;
          any = true;
        }
        inTheWay |= here >= 0 && posting.cpu() == here;
      }
    }
    return any;
  }

  /** Afterwards nothing is looked at any more. */
  @Override
  public void close() {
    closed = true;
    Thread last = thread; // one that is only just being made finds that it is closed
    LockSupport.unpark(last);
    boolean interrupted = false;
    while (last != null && last.isAlive()) {
      try {
        last.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
