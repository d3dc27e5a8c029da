package io.loomvisor.platform.kvm;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.memory.PageTables;
import io.loomvisor.scheduler.vcpu.VcpuPool;

/**
 * The CPU state of one task. General registers are in {@link #registers} between runs; the FPU stays in the vCPU that ran
 * the task last ({@link #home}) until another task takes that vCPU and saves it.
 */
final class KvmContext implements Context {
  private static final int GENERAL_PROTECTION = 13;
  private static final int USER_BITS = 47;
  private static final int SPINS = 200;

  private final VcpuPool<VCpu> pool;
  private final boolean stateStays;
  private final Registers registers = new Registers();
  private final FpuState fpu;

  /** The vCPU held now, null if none. */
  private VcpuPool.Slot<VCpu> slot;

  /** The vCPU held last. */
  private VcpuPool.Slot<VCpu> last;

  /**
   * The vCPU that has the FPU state, null if {@link #fpu} has it. Set by the task; cleared, after saving, by whoever
   * leases that vCPU next. So while it is another vCPU than the one held, somebody is about to clear it.
   */
  private volatile VCpu home;

  /** The vCPU held, for {@link #interrupt}. */
  private volatile VCpu running;

  private volatile boolean interrupt;

  KvmContext(VcpuPool<VCpu> pool, boolean stateStays, FpuState fpu) {
    this.pool = pool;
    this.stateStays = stateStays;
    this.fpu = fpu;
  }

  @Override
  public Registers registers() {
    return registers;
  }

  @Override
  public Exit run(AddressSpace space) {
    PageTables tables = (PageTables) space;
    if (registers.rip >>> USER_BITS != 0) {
      // IRET would raise #GP for a non-canonical address, and a canonical one of the kernel half is no application code.
      return new Exit.Fault(GENERAL_PROTECTION, 0);
    }
    for (; ; ) {
      if (slot != null && pool.shouldYield(slot)) {
        release();
      }
      VCpu vcpu = hold();
      if (vcpu.loaded() != this) {
        takeOver(vcpu);
      }
      if (interrupt) {
        interrupt = false;
        return Exit.Interrupted.INSTANCE;
      }
      Exit exit = vcpu.run(this, registers, tables);
      if (exit != null) {
        return exit;
      }
    }
  }

  private VCpu hold() {
    if (slot == null) {
      slot = pool.lease(last);
      if (slot == null) {
        throw new Platform.ClosedException();
      }
      last = slot;
      running = slot.vcpu();
    }
    return slot.vcpu();
  }

  /** Makes the held vCPU this context's: saves what another context left in it and loads our own state. */
  private void takeOver(VCpu vcpu) {
    evictFrom(vcpu);
    awaitSaved(vcpu);
    vcpu.load(fpu);
    vcpu.setLoaded(this);
    home = vcpu;
  }

  /** Waits until whoever took our last vCPU has saved our state from it; he does that first of all. */
  private void awaitSaved(VCpu held) {
    for (int i = 0; home != null && home != held; i++) {
      if (i < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  boolean interruptRequested() {
    return interrupt;
  }

  @Override
  public void release() {
    if (slot == null) {
      return;
    }
    if (!stateStays) {
      saveIfOpen();
    }
    VcpuPool.Slot<VCpu> held = slot;
    slot = null;
    running = null;
    pool.release(held);
  }

  private void saveIfOpen() {
    try {
      saveFpu();
    } catch (Platform.ClosedException _) {
      // The vCPU is gone, and with it whatever would have run this context again.
      home = null;
    }
  }

  @Override
  public void interrupt() {
    interrupt = true;
    VCpu vcpu = running;
    if (vcpu != null) {
      vcpu.kick();
    }
  }

  /** Gets the FPU state into {@link #fpu}; the vCPU then holds nobody's. */
  private void saveFpu() {
    if (home == null) {
      return;
    }
    VCpu held = hold();
    if (held.loaded() == this) {
      held.save(fpu);
      held.setLoaded(null);
      home = null;
    } else {
      // Another vCPU was leased: it must be cleaned for those who wait for its last user's state, as in run.
      evictFrom(held);
      awaitSaved(held);
    }
  }

  private static void evictFrom(VCpu held) {
    KvmContext other = held.loaded();
    if (other != null) {
      held.setLoaded(null);
      try {
        held.save(other.fpu);
      } finally {
        other.home = null;
      }
    }
  }

  @Override
  public byte[] readFpu() {
    saveFpu();
    return fpu.toBytes();
  }

  @Override
  public void writeFpu(byte[] state) {
    saveFpu();
    fpu.fromBytes(state);
  }

  @Override
  public void resetFpu() {
    saveFpu();
    fpu.reset();
  }

  @Override
  public void close() {
    release();
  }

  @Override
  public String toString() {
    return "context at " + Long.toHexString(registers.rip);
  }
}
