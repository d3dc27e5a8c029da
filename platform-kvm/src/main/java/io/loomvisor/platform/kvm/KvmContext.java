package io.loomvisor.platform.kvm;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.InstantAnswers;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.memory.PageTables;
import io.loomvisor.scheduler.vcpu.VcpuPool;

/**
 * The CPU state of one task. General registers are in {@link #registers} between runs; the FPU
 * stays in the vCPU that ran the task last ({@link #home}) until another task uses that vCPU, or
 * this task runs on another one.
 */
final class KvmContext implements Context {
  private static final int GENERAL_PROTECTION = 13;
  private static final int USER_BITS = 47;

  private final VcpuPool<Seat> pool;
  private final VcpuSet vcpus;
  private final Registers registers = new Registers();
  private final FpuState fpu;

  /** What the entry code answers from; null: nothing. */
  private final AnswerSlots.Slot answers;

  /** The seat held now, null if none. */
  private VcpuPool.Slot<Seat> slot;

  /** The seat held last. */
  private VcpuPool.Slot<Seat> last;

  /** Written by the task's own thread. */
  private volatile long preemptions;

  private volatile int processor;

  /**
   * The vCPU that has the FPU state, null if {@link #fpu} has it. Changed only by who is inside
   * that vCPU's gate, where it holds that {@code home == v} exactly if {@code v.loaded() == this}.
   * Only the task itself sets it to a vCPU.
   */
  private volatile VCpu home;

  /** The vCPU used now or last, for {@link #interrupt}. */
  private volatile VCpu running;

  private volatile boolean interrupt;

  /** The task is gone: nobody needs the FPU state any more. */
  private volatile boolean closed;

  KvmContext(VcpuPool<Seat> pool, VcpuSet vcpus, FpuState fpu, AnswerSlots.Slot answers) {
    this.pool = pool;
    this.vcpus = vcpus;
    this.fpu = fpu;
    this.answers = answers;
  }

  @Override
  public Registers registers() {
    return registers;
  }

  @Override
  public Exit run(AddressSpace space) {
    PageTables tables = (PageTables) space;
    if (registers.rip >>> USER_BITS != 0) {
      // IRET would raise #GP for a non-canonical address, and a canonical one of the kernel half is
      // no application code.
      return new Exit.Fault(GENERAL_PROTECTION, 0);
    }
    for (int busy = 0; ; ) {
      if (slot != null && pool.shouldYield(slot)) {
        preemptions = preemptions + 1;
        release();
      }
      VCpu vcpu = vcpus.forSeat(hold());
      if (home != null && home != vcpu) {
        bringHome();
        continue; // waiting may have brought us to another host thread
      }
      if (running != vcpu) {
        running = vcpu;
      }
      slot.vcpu().take(vcpu);
      if (!vcpu.gate.tryEnter(tables.root())) {
        RunGate.pause(busy++);
        continue;
      }
      Exit exit;
      try {
        exit = runInside(vcpu, tables);
      } finally {
        vcpu.gate.leave();
      }
      if (exit != null) {
        return exit;
      }
    }
  }

  private Exit runInside(VCpu vcpu, PageTables tables) {
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
    return vcpu.run(registers, tables);
  }

  private Seat hold() {
    if (slot == null) {
      slot = pool.lease(last);
      if (slot == null) {
        throw new Platform.ClosedException();
      }
      last = slot;
      if (processor != slot.index()) {
        processor = slot.index();
      }
    }
    return slot.vcpu();
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
    for (int i = 0; ; i++) {
      VCpu vcpu = home;
      if (vcpu == null) {
        return;
      }
      if (vcpu.gate.tryEnter(RunGate.NO_TABLES)) {
        try {
          if (vcpu.loaded() == this) {
            evictFrom(vcpu);
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
    VcpuPool.Slot<Seat> held = slot;
    if (held != null) {
      slot = null;
      pool.release(held);
    }
  }

  @Override
  public long preemptions() {
    return preemptions;
  }

  @Override
  public int processor() {
    return processor;
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
  public byte[] readFpu() {
    bringHome();
    return fpu.toBytes();
  }

  @Override
  public void writeFpu(byte[] state) {
    bringHome();
    fpu.fromBytes(state);
  }

  @Override
  public void resetFpu() {
    bringHome();
    fpu.reset();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    release();
    if (answers != null) {
      answers.release();
    }
  }

  @Override
  public String toString() {
    return "context at " + Long.toHexString(registers.rip);
  }
}
