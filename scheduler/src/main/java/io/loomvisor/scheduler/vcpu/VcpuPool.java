package io.loomvisor.scheduler.vcpu;

import java.util.function.Function;

/**
 * The vCPUs, and how tasks come to run on them. Each task has a {@link Claim} and takes turns
 * through it. Which vCPU a turn gets, on which host thread it runs and who waits for whom is the
 * strategy ({@link PoolStrategy}, docs/vcpu-pools.md).
 *
 * <p>Whoever stays in the application longer than the time slice while others wait is got out of it
 * by the {@link PreemptionClock}; while nobody waits nobody is disturbed.
 *
 * @param <V> the vCPU
 */
public interface VcpuPool<V> extends AutoCloseable {
  /** A holder may stay in the application this long, ns, while others wait. */
  long SLICE = 5_000_000;

  /** What the pool knows of one task. Belongs to the task's own thread. */
  interface Claim<V> extends AutoCloseable {
    /**
     * Has {@code work} done with a vCPU, which nobody else uses meanwhile, and returns what it
     * returned. It may run on another thread; what it does happens after the call and before the
     * return. Work must end soon after the pool has asked for it ({@code preempt} of the pool's
     * maker), and returns null if it is not over then: it is handed in again by the caller, or
     * repeated by the pool. The caller must hold no actor.
     *
     * @throws ClosedException if the pool is closed
     */
    <R> R turn(Function<? super V, ? extends R> work);

    /** Until the next turn the task needs no vCPU. */
    void release();

    /** As {@link #release}, but the task does not sleep: it lets others go first. */
    default void yield() {
      release();
    }

    /**
     * How it competes with others from now on; without effect if the strategy leaves that to the
     * host. Any thread.
     */
    default void setTerms(Terms terms) {}

    /** Index of the vCPU of the present or last turn, 0 before the first. */
    int index();

    /** How often this task gave its vCPU up to others that waited. */
    long preemptions();

    /** How often this task was given a vCPU. */
    long leases();

    /** The task ends. */
    @Override
    void close();
  }

  /** How many vCPUs there are. */
  int size();

  /** How many tasks wait for one now. Any thread. */
  int waiting();

  /** For a new task. */
  Claim<V> claim();

  /** Ends all waiting, present and future. Turns that have begun end in their own time. */
  @Override
  void close();

  /** The pool is closed. */
  final class ClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ClosedException() {
      super("the vCPU pool is closed");
    }
  }
}
