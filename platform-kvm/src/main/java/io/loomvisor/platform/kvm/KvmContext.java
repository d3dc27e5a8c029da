package io.loomvisor.platform.kvm;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.InstantAnswers;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.PolledCalls;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.memory.PageTables;
import io.loomvisor.scheduler.vcpu.Terms;
import io.loomvisor.scheduler.vcpu.VcpuPool;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/**
 * The CPU state of one task. General registers are in {@link #registers} between runs; the FPU
 * stays in the vCPU that ran the task last ({@link #home}) until another task uses that vCPU, or
 * this task runs on another one.
 */
final class KvmContext implements Context {
  private static final int GENERAL_PROTECTION = 13;
  private static final int USER_BITS = 47;

  private final VcpuPool.Claim<Seat> claim;

  /** As many as applications see. */
  private final int cpus;

  private final VcpuSet vcpus;
  private final Registers registers = new Registers();
  private final FpuState fpu;

  /** What the entry code answers from; null: nothing. */
  private final AnswerSlots.Slot answers;

  /** One object for all turns. */
  private final Function<Seat, Exit> attempt = this::attempt;

  /** What the present turn runs in. */
  private PageTables tables;

  /** How often in a row the vCPU was somebody else's. */
  private int busy;

  /**
   * The vCPU that has the FPU state, null if {@link #fpu} has it. Changed only by who is inside
   * that vCPU's gate, where it holds that {@code home == v} exactly if {@code v.loaded() == this}.
   * Only the task itself sets it to a vCPU.
   */
  private volatile VCpu home;

  private final CallPoller poller;
  private final MemorySegment memory;

  /** Null: no call is posted. */
  private PolledCalls calls;

  /** Made when it is first worth while; null: nothing has been posted. */
  private Posting posting;

  /** Of calls that come out but could be posted. */
  private final CallRate rate = new CallRate();

  /** Null: it never stands by. */
  private final Bystander bystander;

  /** Counted among those that run or want to. */
  private boolean runnable;

  /** The vCPU used now or last, for {@link #interrupt}. */
  private volatile VCpu running;

  private volatile boolean interrupt;

  /** The task is gone: nobody needs the FPU state any more. */
  private volatile boolean closed;

  /**
   * @param poller null: no call is posted
   * @param standby null: it never stands by
   * @param memory the guest's
   */
  KvmContext(
      VcpuPool.Claim<Seat> claim,
      int cpus,
      VcpuSet vcpus,
      FpuState fpu,
      AnswerSlots.Slot answers,
      CallPoller poller,
      Standby standby,
      MemorySegment memory) {
    this.claim = claim;
    this.cpus = cpus;
    this.vcpus = vcpus;
    this.fpu = fpu;
    this.answers = answers;
    this.poller = poller;
    this.bystander = standby == null ? null : new Bystander(standby);
    this.memory = memory;
  }

  @Override
  public Registers registers() {
    return registers;
  }

  @Override
  public Exit run(AddressSpace space) {
    tables = (PageTables) space;
    if (registers.rip >>> USER_BITS != 0) {
      // IRET would raise #GP for a non-canonical address; a canonical one of the kernel half is no
      // application code, and to the application nothing is mapped there.
      return registers.rip >> USER_BITS == -1
          ? new Exit.PageFault(registers.rip, false, true, false)
          : new Exit.Fault(GENERAL_PROTECTION, 0);
    }
    busy = 0;
    if (poller != null && !runnable) {
      runnable = true;
      poller.runnable(1);
    }
    try {
      return runUntilExit();
    } catch (VcpuPool.ClosedException e) {
      throw new Platform.ClosedException();
    } catch (IllegalStateException e) {
      // What is posted and what has happened is read outside the gate: memory may have gone.
      throw memory == null || memory.scope().isAlive() ? e : new Platform.ClosedException();
    }
  }

  private Exit runUntilExit() {
    if (bystander != null) {
      bystander.runBegins();
    }
    Exit exit;
    do {
      exit = claim.turn(attempt);
    } while (exit == null);
    if (bystander != null) {
      bystander.runEnds(exit, registers);
    }
    return exit;
  }

  /** On whatever thread the pool has its turns done. Null: come again. */
  private Exit attempt(Seat seat) {
    if (posting == null) {
      return attemptOn(vcpus.forSeat(seat), seat);
    }
    boolean served = false;
    Exit exit;
    try {
      exit = attemptOn(vcpus.forSeat(seat), seat);
    } finally {
      boolean stoodBy = posting.standingBy();
      served = posting.leave(registers);
      if (stoodBy) {
        bystander.stoodBy(posting);
      }
    }
    return served ? Exit.Interrupted.INSTANCE : exit;
  }

  private Exit attemptOn(VCpu vcpu, Seat seat) {
    if (home != null && home != vcpu) {
      bringHome();
      return null; // waiting may have brought us to another host thread
    }
    if (running != vcpu) {
      running = vcpu;
    }
    seat.take(vcpu);
    if (!vcpu.gate.tryEnter(tables.root())) {
      RunGate.pause(busy++);
      return null;
    }
    try {
      return runInside(vcpu);
    } finally {
      vcpu.gate.leave();
    }
  }

  private Exit runInside(VCpu vcpu) {
    if (vcpu.loaded() != this) {
      evictFrom(vcpu);
      vcpu.load(fpu);
      vcpu.setLoaded(this);
      vcpu.answerFrom(answers);
      home = vcpu;
    }
    if (interrupt) {
      interrupt = false;
      return Exit.Interrupted.INSTANCE;
    }
    if (posting != null) {
      int spins = poller.spins();
      boolean post = spins != 0 && posting.possible(tables, poller.stint());
      boolean stands = !post && bystander != null && bystander.standBy(vcpu, posting, tables);
      if (!stands) {
        vcpu.postTo(posting, post ? spins : 0);
      }
    } else {
      vcpu.postTo(null, 0);
    }
    return vcpu.run(registers, tables);
  }

  /** Inside the gate: saves what another context left in the vCPU. */
  private static void evictFrom(VCpu vcpu) {
    KvmContext other = vcpu.loaded();
    if (other == null) {
      return;
    }
    vcpu.setLoaded(null);
    try {
      if (!other.closed) {
        vcpu.save(other.fpu);
      }
    } finally {
      other.home = null;
    }
  }

  /**
   * Gets our own FPU state out of the vCPU that has it; whoever is inside that one just now may do
   * it for us.
   */
  private void bringHome() {
    leaveVcpu(true);
  }

  /** As {@link #bringHome}, and the state is to be overwritten: nobody need save it. */
  private void forgetFpu() {
    leaveVcpu(false);
  }

  private void leaveVcpu(boolean save) {
    for (int i = 0; ; i++) {
      VCpu vcpu = home;
      if (vcpu == null) {
        return;
      }
      if (vcpu.gate.tryEnter(RunGate.NO_TABLES)) {
        try {
          if (vcpu.loaded() == this) {
            if (save) {
              evictFrom(vcpu);
            } else {
              vcpu.setLoaded(null);
              home = null;
            }
          }
        } finally {
          vcpu.gate.leave();
        }
        return;
      }
      RunGate.pause(i);
    }
  }

  @Override
  public void release() {
    notRunnable();
    if (bystander != null) {
      bystander.fallsAsleep(registers);
    }
    rate.forget(); // who sleeps between few calls hands over to others, who need the CPU
    claim.release();
  }

  @Override
  public boolean awake() {
    if (bystander == null || !bystander.wakesUp() || calls == null) {
      return false;
    }
    beAbleToPost();
    return true;
  }

  @Override
  public void yield() {
    claim.yield();
  }

  @Override
  public void setTerms(Terms terms) {
    claim.setTerms(terms);
  }

  private void notRunnable() {
    if (runnable) {
      runnable = false;
      poller.runnable(-1);
    }
  }

  @Override
  public long preemptions() {
    return claim.preemptions();
  }

  @Override
  public long leases() {
    return claim.leases();
  }

  @Override
  public int processor() {
    return claim.index() % cpus;
  }

  @Override
  public void interrupt() {
    interrupt = true;
    VCpu vcpu = running;
    if (vcpu != null) {
      vcpu.kick();
    }
  }

  @Override
  public InstantAnswers answers() {
    return answers == null ? InstantAnswers.NONE : answers;
  }

  @Override
  public void polledCalls(PolledCalls served) {
    if (poller != null && answers != null) {
      calls = served;
    }
  }

  @Override
  public boolean countPollable(long now) {
    if (calls == null || !rate.often(now, poller.often()) || !poller.wake()) {
      return false;
    }
    beAbleToPost();
    return true;
  }

  private void beAbleToPost() {
    if (posting == null) {
      posting = new Posting(memory, answers, calls);
    }
  }

  @Override
  public byte[] readFpu() {
    bringHome();
    return fpu.toBytes();
  }

  @Override
  public int fpuSize() {
    return fpu.size();
  }

  @Override
  public void writeFpu(byte[] state) {
    forgetFpu();
    fpu.fromBytes(state);
  }

  @Override
  public void resetFpu() {
    forgetFpu();
    fpu.reset();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    notRunnable();
    if (bystander != null) {
      bystander.tellOthers();
    }
    if (posting != null) {
      posting.close();
    }
    claim.close();
    if (answers != null) {
      answers.release();
    }
  }

  @Override
  public String toString() {
    return "context at " + Long.toHexString(registers.rip);
  }
}
