package io.loomvisor.scheduler.vcpu;

import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.scheduler.jfr.VcpuWaitEvent;
import java.util.function.Function;

/**
 * The claim of a task that runs vCPUs on its own thread: it leases one before it runs the
 * application, keeps it over system calls that do not block, and gives it back before it blocks.
 */
final class LeasedClaim<V> implements VcpuPool.Claim<V> {
  /** How leases are had; any thread, but for one claim only its own. */
  interface Lessor<V> {
    /** Waits for a vCPU; null if the pool is closed. */
    Slot<V> lease(Slot<V> last, Account account);

    void release(Slot<V> slot);

    /** Others wait and the holder has had its share. */
    boolean shouldYield(Slot<V> slot);

    /** No task has it as its last any more; null if it had none. */
    default void forget(Slot<V> last) {}
  }

  private final Lessor<V> lessor;
  private final Account account = new Account();
  private Slot<V> slot;
  private Slot<V> last;

  // Written by the own thread, read by any.
  private volatile int index;
  private volatile long preemptions;
  private volatile long leases;

  LeasedClaim(Lessor<V> lessor) {
    this.lessor = lessor;
  }

  @Override
  public <R> R turn(Function<? super V, ? extends R> work) {
    if (slot != null && lessor.shouldYield(slot)) {
      preemptions = preemptions + 1;
      release();
    }
    if (slot == null) {
      slot = Recording.POSSIBLE ? leaseRecorded() : lessor.lease(last, account);
      if (slot == null) {
        throw new VcpuPool.ClosedException();
      }
      last = slot;
      leases = leases + 1;
      if (index != slot.index()) {
        index = slot.index();
      }
    }
    return work.apply(slot.vcpu());
  }

  private Slot<V> leaseRecorded() {
    VcpuWaitEvent event = new VcpuWaitEvent();
    event.begin();
    Slot<V> leased = lessor.lease(last, account);
    event.finish(leased == null ? -1 : leased.index());
    return leased;
  }

  @Override
  public void release() {
    Slot<V> held = slot;
    if (held != null) {
      slot = null;
      lessor.release(held);
    }
  }

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
  public void close() {
    release();
    lessor.forget(last);
    last = null;
  }
}
