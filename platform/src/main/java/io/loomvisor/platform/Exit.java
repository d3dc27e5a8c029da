package io.loomvisor.platform;

/** Why {@link Context#run} came back. */
public sealed interface Exit {
  /**
   * The application executed SYSCALL. Registers are as Linux sees them at entry: RIP is the address
   * after the instruction, RFLAGS are the user's, RAX is the number; RCX and R11 hold RIP and
   * RFLAGS as the CPU left them.
   */
  record Syscall() implements Exit {
    public static final Syscall INSTANCE = new Syscall();
  }

  /**
   * A page fault in ring 3. Registers are those at the faulting instruction.
   *
   * @param address CR2
   * @param write it was a write
   * @param execute it was an instruction fetch
   * @param present the page was there: a protection violation
   */
  record PageFault(long address, boolean write, boolean execute, boolean present) implements Exit {}

  /**
   * Another exception in ring 3: #DE 0, #DB 1, #BP 3, #OF 4, #UD 6, #NP 11, #SS 12, #GP 13, #MF 16,
   * #AC 17, #XM 19.
   *
   * @param vector the exception's number
   * @param code the error code, 0 where the exception has none
   */
  record Fault(int vector, long code) implements Exit {}

  /**
   * Somebody called {@link Context#interrupt}, or the time slice ended. Registers are anywhere in
   * the application.
   */
  record Interrupted() implements Exit {
    public static final Interrupted INSTANCE = new Interrupted();
  }
}
