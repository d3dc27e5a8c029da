package io.loomvisor.platform.kvm;

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

  private static final long MOST_ABSENCE = 1_000_000_000;

  /** Who has looked this long, ns, without losing the CPU may hope again. */
  private static final long UNDISTURBED = 50_000_000;

  /** Fewer calls than that do not make up for the way in and out. */
  private static final int WORTH_WHILE = 20;

  private final VcpuSet vcpus;
  private final Polling limits;
  private final Thread thread;

  /** Tasks that run or wait for a vCPU. */
  private final AtomicInteger runnable = new AtomicInteger();

  private final AtomicBoolean started = new AtomicBoolean();

  /** It has been woken and has not ended its stint. */
  private volatile boolean wanted;

  private volatile boolean closed;

  // Written by the poller.
  private volatile boolean looking;
  private volatile int stint;
  private volatile long notBefore = System.nanoTime();
  private long absence = LEAST_ABSENCE;
  private long served;
  private int vain;

  CallPoller(VcpuSet vcpus, Polling limits) {
    this.vcpus = vcpus;
    this.limits = limits;
    this.thread = Thread.ofPlatform().daemon().name("call-poller").unstarted(this::loop);
  }

  /** So many more tasks run or want to. */
  void runnable(int more) {
    runnable.getAndAdd(more);
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
    wanted = true;
    if (!started.get() && started.compareAndSet(false, true)) {
      thread.start();
    }
    LockSupport.unpark(thread);
    return true;
  }

  private boolean idleCpu() {
    return runnable.get() < limits.cpus();
  }

  private void loop() {
    while (!closed) {
      if (wanted) {
        stint = stint + 1;
        looking = true;
        look();
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
    long last = began;
    boolean disturbed = false;
    while (!disturbed && !closed && idleCpu() && before - last < limits.patience()) {
      boolean any = serveAll();
      long now = System.nanoTime();
      disturbed = now - before > limits.lost();
      before = now;
      if (any) {
        last = now;
      } else {
        Thread.onSpinWait();
      }
    }
    boolean worthWhile = served - servedBefore >= WORTH_WHILE;
    if (!disturbed && worthWhile) {
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
    for (VCpu vcpu : vcpus.all()) {
      Posting posting = vcpu.posting();
      if (posting != null && posting.serve()) {
        served++;
        any = true;
      }
    }
    return any;
  }

  /** Afterwards nothing is looked at any more. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (started.get() && thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
