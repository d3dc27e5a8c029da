package io.loomvisor.task.memory;

import io.loomvisor.platform.AddressSpace;
import java.lang.foreign.ValueLayout;

/** Ring 3 as tests need it: loads and stores through the page tables, faulting as the CPU does. */
final class Application {
  private final FakePlatform platform;
  private final MemoryManager memory;
  int faults;

  Application(FakePlatform platform, MemoryManager memory) {
    this.platform = platform;
    this.memory = memory;
  }

  /** Loads a byte; the fault's outcome is thrown if it is not resolved. */
  int load(long address) {
    return platform.memory.whole().get(ValueLayout.JAVA_BYTE, translate(address, false)) & 0xff;
  }

  void store(long address, int value) {
    platform.memory.whole().set(ValueLayout.JAVA_BYTE, translate(address, true), (byte) value);
  }

  private long translate(long address, boolean write) {
    FakeAddressSpace space = (FakeAddressSpace) memory.addressSpace();
    for (int i = 0; i < 3; i++) {
      long frame = space.access(address, write ? AddressSpace.WRITE : AddressSpace.READ);
      if (frame != 0) {
        if (platform.memory.references(frame) == 0) {
          throw new IllegalStateException("a freed frame is still mapped");
        }
        return frame << 12 | address & 4095;
      }
      faults++;
      FaultOutcome outcome = memory.fault(address, write, false);
      if (outcome != FaultOutcome.RESOLVED) {
        throw new Fault(outcome);
      }
    }
    throw new IllegalStateException("fault was resolved, but the page is not there");
  }

  /** The application would get a signal. */
  static final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final FaultOutcome outcome;

    Fault(FaultOutcome outcome) {
      super(outcome.name());
      this.outcome = outcome;
    }
  }
}
