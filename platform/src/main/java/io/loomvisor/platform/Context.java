package io.loomvisor.platform;

import io.loomvisor.scheduler.vcpu.Terms;

/**
 * The CPU state of one task. All methods but {@link #interrupt} belong to the task's own thread.
 *
 * <p>{@link #run} leases a vCPU and keeps it, so that the next run finds its state still loaded;
 * the task gives it back with {@link #release} before it blocks. When others wait for a vCPU, run
 * itself gives it up in turn.
 */
public interface Context extends AutoCloseable {
  /**
   * The registers that the next run starts with and the last run left; the same object every time.
   */
  Registers registers();

  /** Runs the application in {@code space} until it exits to the kernel. */
  Exit run(AddressSpace space);

  /**
   * Gives the vCPU back, if one is held. State stays loaded in it until somebody else leases it.
   */
  void release();

  /**
   * The sleep is over that began with {@link #release}.
   *
   * @return whether the task sleeps so briefly that it may wait inside the guest instead, which
   *     needs a call page
   */
  default boolean awake() {
    return false;
  }

  /** As {@link #release}, for a task that does not block but lets others go first. */
  default void yield() {
    release();
  }

  /** How it competes with others for vCPUs from now on. Any thread. */
  default void setTerms(Terms terms) {}

  /** What it answers for the task without coming out of {@link #run}; until {@link #close}. */
  InstantAnswers answers();

  /**
   * Has {@code calls} serve what the entry code posts, whenever a CPU is idle that can look for it.
   * Before the first run.
   */
  default void polledCalls(PolledCalls calls) {}

  /**
   * A call that would have been posted, had anybody looked for it, has come out. Has calls looked
   * for if there are many and that is worth while now. Own thread.
   *
   * @param now on the {@link System#nanoTime} clock
   * @return whether they are looked for
   */
  default boolean countPollable(long now) {
    return false;
  }

  /** How often it gave its vCPU up to others that waited for one. Any thread. */
  long preemptions();

  /** How often it was given a vCPU. Any thread. */
  default long leases() {
    return 0;
  }

  /** Number of the vCPU that it has or had last, from 0. Any thread. */
  int processor();

  /** Makes the present or next {@link #run} return {@link Exit.Interrupted} soon. Any thread. */
  void interrupt();

  /**
   * The FPU state in standard XSAVE format, {@link CpuFeatures#xsaveSize} bytes, fresh array.
   *
   * <p>The first 512 bytes are the FXSAVE area, then the 64-byte XSAVE header.
   */
  byte[] readFpu();

  /** How long {@link #readFpu}'s array is: {@link CpuFeatures#xsaveSize}. */
  int fpuSize();

  /**
   * Loads an FPU state in standard XSAVE format. Bits that the CPU would refuse (MXCSR reserved
   * bits, XSTATE_BV outside XCR0, header reserved bytes) are cleared, so any bytes are accepted.
   */
  void writeFpu(byte[] state);

  /** The initial FPU state, as after execve(2). */
  void resetFpu();

  @Override
  void close();
}
