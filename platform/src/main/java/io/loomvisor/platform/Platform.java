package io.loomvisor.platform;

import java.util.BitSet;

/** One virtual machine: its memory and its CPUs. */
public interface Platform extends AutoCloseable {
  /** Bytes of a page and of a frame. */
  int PAGE_SIZE = 4096;

  int PAGE_SHIFT = 12;

  /** First address above user space: 2^47. */
  long USER_SPACE_END = 0x8000_0000_0000L;

  /**
   * Highest address, exclusive, that an application may use: Linux's TASK_SIZE_MAX, one page below
   * the end.
   */
  long MAX_USER_ADDRESS = 0x7FFF_FFFF_F000L;

  /** First address of the kernel half. */
  long KERNEL_START = 0xFFFF_8000_0000_0000L;

  /** One line for the log: what kind of host this is and which entry method was picked. */
  String description();

  MemoryFile memory();

  /** Gives frames back that are only kept to save time; how many. */
  long trim();

  /**
   * A new address space whose user half is empty. The caller closes it when no context can run in
   * it any more.
   */
  AddressSpace newAddressSpace();

  /**
   * A new context with zero registers and the initial FPU state. One per task; the task closes it.
   */
  Context newContext();

  /**
   * The numbers of the calls that {@link PolledCalls} serve; none at first. Before the first
   * context.
   */
  default void postableCalls(BitSet numbers) {}

  /** What the guest's CPUs can do, as CPUID shows it to applications. */
  CpuFeatures features();

  /**
   * The counter behind RDTSC; null if it cannot be trusted, and time is then to be had by system
   * calls only.
   */
  TscClock tscClock();

  /**
   * Whether the number of the CPU that RDTSCP reads (TSC_AUX, bits 0 to 11) is below {@link
   * #vcpuCount} everywhere.
   */
  boolean cpuNumberReadable();

  /**
   * Whether that number, if it is readable, is the one that {@link Context#processor} tells; else
   * it says where the vCPU is on the host.
   */
  default boolean cpuNumberOfTask() {
    return false;
  }

  /** vCPUs that can run at the same time. */
  int vcpuCount();

  /** Whether {@link #close} has begun. */
  boolean closed();

  /**
   * Gets every context out of the application, waits until none is inside any more, and gives
   * everything back. Whoever comes later gets a {@link ClosedException}; giving back what is gone
   * already is without effect.
   */
  @Override
  void close();

  /** The platform has been closed. */
  final class ClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public ClosedException() {
      super("the platform is closed");
    }
  }
}
