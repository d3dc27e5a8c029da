package io.loomvisor.platform.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.loomvisor.platform.kvm.memory.MemoryFileImpl;
import io.loomvisor.platform.kvm.ring0.Layout;
import io.loomvisor.scheduler.carrier.TaskThreads;
import io.loomvisor.scheduler.wait.WakeUps;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks that stand by: each waits inside the guest, its blocking call posted, for another one that
 * comes out of the guest, does what is awaited, and serves the call on its way back
 * (docs/standby.md). One for each machine; any thread.
 *
 * <p>No wake-up is missed. The entry code posts and then looks at {@link Layout#HAPPENED}; who may
 * have woken somebody looks at what is posted and then changes that word. A call that has been
 * tried in vain is marked as seen with the value that the word is going to have.
 */
final class Standby implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Standby.class);

  /**
   * So many stand by at a time: each is tried by whoever has woken somebody, and comes out if two
   * of those look at the same time.
   */
  private static final int MOST = 4;

  private static final VCpu[] NONE = {};
  private static final VarHandle WORD = JAVA_INT.varHandle();

  private final VcpuSet vcpus;
  private final MemoryFileImpl memory;
  private final MemorySegment bytes;
  private final CallPoller tasks;
  private final StandbyTerms terms;
  private final Runnable listener = this::tell;

  /** Calls that have been served. */
  private final AtomicInteger served = new AtomicInteger();

  /** Runs under way that may stand by. */
  private final AtomicInteger standing = new AtomicInteger();

  /**
   * @param tasks counts those that run
   */
  Standby(VcpuSet vcpus, MemoryFileImpl memory, CallPoller tasks, StandbyTerms terms) {
    this.vcpus = vcpus;
    this.memory = memory;
    this.bytes = memory.whole();
    this.tasks = tasks;
    this.terms = terms;
    WakeUps.listen(listener);
  }

  StandbyTerms terms() {
    return terms;
  }

  /** Changes when those who stand by may have been woken. */
  int happened() {
    return (int) WORD.getVolatile(bytes, Layout.HAPPENED);
  }

  /** One more run that may stand by, or one less. */
  void standing(int more) {
    standing.getAndAdd(more);
  }

  /**
   * Whether a task may stand by now: there is a CPU for it, nobody else wants that, and somebody
   * runs besides who could serve it.
   *
   * @param woke it has just woken somebody, who may not have begun to run
   * @param waiting others that have been seen to stand by
   */
  boolean worthWhile(boolean woke, int waiting) {
    if (!terms.considerate()) {
      return true;
    }
    int running = tasks.running();
    return (woke || running - waiting > 1)
        && running <= terms.cpus()
        && standing.get() < MOST
        && TaskThreads.spare();
  }

  /**
   * The calling task goes back to its application, and may have done what others stand by for: they
   * are served. With no actor held.
   *
   * @param habit of the caller
   * @return how many go on standing by
   */
  int attend(StandbyHabit habit) {
    int now = happened() + 1;
    int waiting = 0;
    VCpu[] all = standing.get() == 0 ? NONE : vcpus.all();
    for (VCpu vcpu : all) {
      Posting posting = vcpu.standing();
      if (posting != null && posting.awaitPosted(terms.entry())) {
        switch (posting.serveStandingBy(now)) {
          case ANSWERED -> {
            habit.served();
            count();
          }
          case STANDS_BY -> waiting++;
          case GONE -> {}
        }
      }
    }
    tell(); // in any case: somebody may be about to stand by
    return waiting;
  }

  /** Logs each time that they have doubled. */
  private void count() {
    int n = served.incrementAndGet();
    if (Integer.bitCount(n) == 1) {
      LOG.debug("standby: {} calls served", Integer.toString(n));
    }
  }

  /** Those who stand by are to come out and see for themselves. */
  void tell() {
    memory.increment(Layout.HAPPENED);
  }

  @Override
  public void close() {
    WakeUps.unlisten(listener);
  }
}
