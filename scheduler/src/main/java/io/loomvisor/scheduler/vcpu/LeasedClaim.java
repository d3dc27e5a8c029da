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
    /**
     * Waits for a vCPU; null if the pool is closed.
     *
     * @param woken the task has slept since it had one
     */
    Slot<V> lease(Slot<V> last, Account account, boolean woken);

    /**
     * Gives it back.
     *
     * @param spent how long the task has had a CPU of the host meanwhile, ns, if that is known
     */
    void release(Slot<V> slot, long spent);

    /**
     * Has a turn of a task that computes done when it is due.
     *
     * @return false: the task should lease a vCPU for it
     */
    default boolean handIn(Turn<V> turn, Slot<V> last) {
      return false;
    }

    /** Others wait and the holder has had its share. */
    boolean shouldYield(Slot<V> slot);

    /** The task's terms are others than before. Any thread. */
    default void changed(Account account) {}

    /** No task has it as its last any more; null if it had none. */
    default void forget(Slot<V> last) {}
  }

  private final Lessor<V> lessor;
  private final HostThread hostThread;
  private final Account account = new Account();
  private Slot<V> slot;
  private Slot<V> last;
  private boolean woken = true;

  /** The last turn ended because the application was got out, not by itself. */
  private boolean gotOut;

  /** On which host thread the lease began, and the CPU time of that; of contended leases. */
  private long beganOn;

  private long beganAt;

  /** What the lease had cost before. */
  private long spentBefore;

  // Written by the own thread or who does its turn, read by any.
  private volatile int index;
  private volatile long preemptions;
  private volatile long leases;

  LeasedClaim(Lessor<V> lessor, HostThread hostThread) {
    this.lessor = lessor;
    this.hostThread = hostThread;
  }

  @Override
  public <R> R turn(Function<? super V, ? extends R> work) {
    if (slot != null && lessor.shouldYield(slot)) {
      countPreemption();
      giveBack();
      if (gotOut) {
        Turn<V> turn = new Turn<>(work, account, this);
        if (lessor.handIn(turn, last)) {
          return outcome(turn);
        }
      }
    }
    if (slot == null) {
      lease();
    }
    R result = work.apply(slot.vcpu());
    gotOut = result == null;
    return result;
  }

  @SuppressWarnings("unchecked") // the result of work
  private <R> R outcome(Turn<V> turn) {
    begin(turn.await(), turn.spent());
    gotOut = false;
    return (R) turn.result();
  }

  private void lease() {
    begin(Recording.POSSIBLE ? leaseRecorded() : lessor.lease(last, account, woken), 0);
    runsOn(slot);
  }

  private void begin(Slot<V> leased, long spent) {
    slot = leased;
    if (slot == null) {
      throw new VcpuPool.ClosedException();
    }
    woken = false;
    last = slot;
    leases = leases + 1;
    spentBefore = spent;
    if (slot.contended()) {
      beganOn = hostThread.id();
      beganAt = hostThread.cpuTime();
    }
  }

  /** The task has that vCPU now. */
  void runsOn(Slot<V> now) {
    if (index != now.index()) {
      index = now.index();
    }
  }

  void countPreemption() {
    preemptions = preemptions + 1;
  }

  private void giveBack() {
    Slot<V> held = slot;
    if (held != null) {
      slot = null;
      boolean known = held.contended() && hostThread.id() == beganOn;
      long spent = known ? spentBefore + hostThread.cpuTime() - beganAt : Long.MAX_VALUE;
      lessor.release(held, spent);
    }
  }

  private Slot<V> leaseRecorded() {
    VcpuWaitEvent event = new VcpuWaitEvent();
    event.begin();
    Slot<V> leased = lessor.lease(last, account, woken);
    event.finish(leased == null ? -1 : leased.index());
    return leased;
  }

  @Override
  public void release() {
    woken = true;
    giveBack();
  }

  @Override
  public void yield() {
    giveBack();
  }

  @Override
  public void setTerms(Terms terms) {
    account.setTerms(terms);
    lessor.changed(account);
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
    giveBack();
    lessor.forget(last);
    last = null;
  }
}
