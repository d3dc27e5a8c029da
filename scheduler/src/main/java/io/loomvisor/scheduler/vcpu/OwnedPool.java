package io.loomvisor.scheduler.vcpu;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.carrier.TaskThreads;
import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.scheduler.jfr.VcpuWaitEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * Each vCPU has a platform thread, and tasks hand their turns to it and park. Virtual threads never
 * sit in the application then, so their carriers need not be counted; every turn pays two
 * hand-overs. As an actor it owns which threads are idle and the queue of turns for which there was
 * none.
 *
 * <p>A thread takes its share of the queue at a time, up to {@code batch} turns, and does them one
 * after the other before it looks again.
 *
 * @param <V> the vCPU
 */
final class OwnedPool<V> extends Actor implements VcpuPool<V> {
  private final List<Worker> workers = new ArrayList<>();
  private final BitSet idle = new BitSet();
  private final ArrayDeque<Turn<V>> queue = new ArrayDeque<>();
  private final int batch;
  private final PreemptionClock clock;
  private final IntConsumer waitingBy;

  /** Written in the actor. */
  private volatile boolean closed;

  /** Turns handed in that have not begun and do not begin at once; written in the actor. */
  private volatile int waiting;

  /** One task's turn, and then its next one. */
  private static final class Turn<V> {
    private Function<? super V, ?> work;
    private Thread task;
    private Object result;
    private Throwable failure;

    /** Null unless this process may be recorded; begun by the task, ended by the worker. */
    private VcpuWaitEvent wait;

    /** Written last by the worker, and first of all read by the task. */
    private volatile boolean done;

    void run(V vcpu) {
      try {
        result = work.apply(vcpu);
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      finish();
    }

    void finish() {
      Thread waiter = task;
      done = true;
      LockSupport.unpark(waiter);
    }
  }

  /** The thread of one vCPU. */
  private final class Worker implements Runnable {
    private final Slot<V> slot;
    private final Thread thread;

    /** Given by the actor, taken by the thread; only while idle. */
    private volatile Turn<V> handed;

    Worker(Slot<V> slot) {
      this.slot = slot;
      thread = Thread.ofPlatform().daemon().name("vcpu-" + slot.index()).unstarted(this);
    }

    @Override
    public void run() {
      ArrayDeque<Turn<V>> taken = new ArrayDeque<>();
      while (!closed) {
        Turn<V> turn = handed;
        handed = null;
        if (turn == null) {
          ask(() -> share(this, taken));
          turn = taken.poll();
        }
        if (turn == null) {
          while (handed == null && !closed) {
            LockSupport.park(this);
          }
          continue;
        }
        begin(turn);
        for (turn = taken.poll(); turn != null; turn = taken.poll()) {
          ask(() -> count(-1));
          begin(turn);
        }
      }
      drain(taken);
    }

    private void begin(Turn<V> turn) {
      slot.begin(System.nanoTime());
      TaskThreads.computing(1);
      turn.run(slot.vcpu());
      TaskThreads.computing(-1);
      slot.end(System.nanoTime());
    }

    /** The pool is closed: those who wait for us are told so by not getting a result. */
    private void drain(ArrayDeque<Turn<V>> taken) {
      taken.forEach(Turn::finish);
      Turn<V> turn = handed;
      if (turn != null) {
        turn.finish();
      }
    }
  }

  private final class OwnedClaim implements Claim<V> {
    private final Turn<V> turn = new Turn<>();
    private int last = LeaseStrategy.NONE;

    // Written by the own thread, read by any.
    private volatile int index;
    private volatile long preemptions;
    private volatile long leases;

    @Override
    @SuppressWarnings("unchecked") // the result of work
    public <R> R turn(Function<? super V, ? extends R> work) {
      turn.work = vcpu -> apply(vcpu, work);
      turn.task = Thread.currentThread();
      turn.result = null;
      turn.failure = null;
      turn.done = false;
      leases = leases + 1;
      VcpuWaitEvent wait = Recording.POSSIBLE ? new VcpuWaitEvent() : null;
      turn.wait = wait;
      if (wait != null) {
        wait.begin();
      }
      ask(() -> submit(turn, last));
      boolean interrupted = false;
      while (!turn.done) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return (R) outcome();
    }

    private Object apply(V vcpu, Function<? super V, ?> work) {
      int at = indexOf(vcpu);
      last = at;
      if (turn.wait != null) {
        turn.wait.finish(at);
      }
      if (index != at) {
        index = at;
      }
      return work.apply(vcpu);
    }

    private Object outcome() {
      if (turn.failure instanceof RuntimeException e) {
        throw e;
      }
      if (turn.failure instanceof Error e) {
        throw e;
      }
      if (turn.result == null) {
        if (closed) {
          throw new ClosedException();
        }
        if (waiting != 0) {
          preemptions = preemptions + 1;
        }
      }
      return turn.result;
    }

    /** Between turns a task holds nothing. */
    @Override
    public void release() {}

    @Override
    public int index() {
      return index;
    }

    @Override
    public long preemptions() {
      return preemptions;
    }

    @Override
    public long leases() {
      return leases;
    }

    @Override
    public void close() {}
  }

  /** See {@link PoolStrategy#open}. */
  OwnedPool(List<V> vcpus, int batch, long slice, Consumer<V> preempt, IntConsumer waitingBy) {
    super(Rank.LEAF);
    this.batch = batch;
    this.waitingBy = waitingBy;
    for (V vcpu : vcpus) {
      idle.set(workers.size());
      workers.add(new Worker(new Slot<>(vcpu, workers.size())));
    }
    clock = new PreemptionClock(slice, () -> preemptOverdue(slice, preempt));
  }

  private int indexOf(V vcpu) {
    for (int i = 0; ; i++) {
      if (workers.get(i).slot.vcpu() == vcpu) {
        return i;
      }
    }
  }

  @Override
  public int size() {
    return workers.size();
  }

  @Override
  public int waiting() {
    return waiting;
  }

  @Override
  public Claim<V> claim() {
    return new OwnedClaim();
  }

  private void submit(Turn<V> turn, int last) {
    if (closed) {
      turn.finish();
      return;
    }
    if (idle.isEmpty()) {
      queue.add(turn);
      count(1);
      clock.wake();
      return;
    }
    int index = last != LeaseStrategy.NONE && idle.get(last) ? last : idle.nextSetBit(0);
    idle.clear(index);
    Worker worker = workers.get(index);
    worker.handed = turn;
    if (worker.thread.getState() == Thread.State.NEW) {
      worker.thread.start();
    } else {
      LockSupport.unpark(worker.thread);
    }
  }

  /** In the actor: what the worker does next, or it is idle. */
  private void share(Worker worker, ArrayDeque<Turn<V>> taken) {
    int workerCount = workers.size();
    int share = Math.clamp((queue.size() + workerCount - 1) / workerCount, 1, batch);
    for (Turn<V> turn = queue.poll(); turn != null; turn = queue.poll()) {
      taken.add(turn);
      if (taken.size() == share) {
        break;
      }
    }
    if (taken.isEmpty()) {
      idle.set(worker.slot.index());
    } else {
      count(-1); // the others wait for the first
    }
  }

  private void count(int by) {
    waiting += by;
    waitingBy.accept(by);
  }

  private long preemptOverdue(long slice, Consumer<V> preempt) {
    if (waiting == 0) {
      return RunQueue.NEVER;
    }
    for (Worker worker : workers) {
      if (worker.slot.heldFor(slice)) {
        preempt.accept(worker.slot.vcpu());
      }
    }
    return slice;
  }

  @Override
  public void close() {
    ask(
        () -> {
          closed = true;
          queue.forEach(Turn::finish);
          count(-waiting);
          queue.clear();
          workers.forEach(w -> LockSupport.unpark(w.thread));
        });
    clock.close();
  }
}
