package io.loomvisor.platform.kvm;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.memory.PageTables;
import io.loomvisor.scheduler.vcpu.PoolStrategy;
import io.loomvisor.scheduler.vcpu.VcpuPool;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Runs a few instructions in the guest, to find out what its CPU does. Used while the platform is
 * being set up.
 */
final class GuestProgram implements AutoCloseable {
  static final long CODE = 0x40_0000;
  static final long DATA = 0x50_0000;

  private final Machine machine;
  private final PageTables space;
  private final long codeFrame;
  private final long dataFrame;

  GuestProgram(Machine machine) {
    this.machine = machine;
    space = machine.newPageTables();
    codeFrame = machine.memory().allocate();
    dataFrame = machine.memory().allocate();
    space.map(CODE, codeFrame, 1, AddressSpace.READ | AddressSpace.EXEC);
    space.map(DATA, dataFrame, 1, AddressSpace.READ | AddressSpace.WRITE);
  }

  PageTables space() {
    return space;
  }

  VCpu firstVcpu() {
    return machine.vcpus().all()[0];
  }

  /** The page at {@link #DATA}. */
  MemorySegment data() {
    return machine.memory().segment(dataFrame, 1);
  }

  long dataFrame() {
    return dataFrame;
  }

  /** Runs {@code code} on {@code vcpu} from the registers given until it exits. */
  Exit run(VCpu vcpu, Registers registers, int... code) {
    MemorySegment page = machine.memory().segment(codeFrame, 1);
    for (int i = 0; i < code.length; i++) {
      page.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) code[i]);
    }
    VcpuSet one = new VcpuSet(1, false, i -> vcpu);
    try (VcpuPool<Seat> pool =
            PoolStrategy.FIFO.open(
                List.of(new Seat(0)),
                1,
                VcpuPool.SLICE,
                Seat::kick,
                waiting -> {},
                Carrier.INSTANCE);
        KvmContext context =
            new KvmContext(pool.claim(), 1, one, new FpuState(3, 576), null, null, null, null)) {
      context.registers().copyFrom(registers);
      context.registers().rip = CODE;
      Exit exit = context.run(space);
      registers.copyFrom(context.registers());
      return exit;
    }
  }

  @Override
  public void close() {
    space.close();
    machine.memory().release(codeFrame);
    machine.memory().release(dataFrame);
  }
}
