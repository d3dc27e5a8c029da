package io.loomvisor.scheduler.vcpu;

import io.loomvisor.scheduler.carrier.TaskThreads;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread of one vCPU of a {@link LeasePool}, made when it is first needed. It does the turns of
 * tasks that compute longer than a slice while others wait, one after the other, without a change
 * of threads in between.
 *
 * <p>Such turns are kept off the carriers for the sake of the host's scheduler
 * (kernel/sched/fair.c: place_entity): it remembers of a thread that it has had more than its
 * share, and lets it wait when it wakes up. So a carrier that has computed is a bad one to wake up
 * somebody else on.
 */
final class VcpuWorker<V> implements Runnable {
  private final Slot<V> slot;
  private final LeasePool<V> pool;
  private final HostThread hostThread;
  private final Thread thread;

  /** Given in the pool's actor when the vCPU is granted to it. */
  private volatile Turn<V> next;

  VcpuWorker(Slot<V> slot, LeasePool<V> pool, HostThread hostThread) {
    this.slot = slot;
    this.pool = pool;
    this.hostThread = hostThread;
    thread = Thread.ofPlatform().daemon().name("vcpu-" + slot.index()).unstarted(this);
  }

  /** In the pool's actor: the vCPU has been granted to this turn. */
  void take(Turn<V> turn) {
    next = turn;
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    } else if (Thread.currentThread() != thread) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void run() {
    while (!pool.closed()) {
      Turn<V> turn = next;
      if (turn == null) {
        LockSupport.park(this);
      } else {
        next = null;
        perform(turn);
      }
    }
    Turn<V> turn = next;
    if (turn != null) {
      turn.finish(0);
    }
  }

  private void perform(Turn<V> turn) {
    TaskThreads.computing(1);
    try {
      performUntilOver(turn);
    } finally {
      TaskThreads.computing(-1);
    }
  }

  private void performUntilOver(Turn<V> turn) {
    long began = hostThread.cpuTime();
    while (!turn.attempt(slot)) {
      if (pool.shouldYield(slot)) {
        turn.interrupted();
        pool.rotate(slot, turn, hostThread.cpuTime() - began);
        return;
      }
    }
    turn.finish(hostThread.cpuTime() - began);
  }

  /** The pool is closed. */
  void wake() {
    LockSupport.unpark(thread);
  }
}
