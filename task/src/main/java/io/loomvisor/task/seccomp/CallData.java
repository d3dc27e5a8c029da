package io.loomvisor.task.seccomp;

import io.loomvisor.task.bpf.BpfData;

/**
 * What a filter sees of a system call.
 *
 * <pre>
 *   struct seccomp_data:   0 nr   4 arch   8 instruction_pointer   16 args[6]
 * </pre>
 *
 * @param instructionPointer after the SYSCALL instruction
 */
public record CallData(
    int number, long instructionPointer, long a0, long a1, long a2, long a3, long a4, long a5)
    implements BpfData {
  public static final int SIZE = 64;

  /** Offset of the last word that is the same for all calls of a number: arch. */
  static final int LAST_OF_NUMBER = 4;

  /** AUDIT_ARCH_X86_64. */
  public static final int ARCHITECTURE = 0xC000003E;

  @Override
  public int length() {
    return SIZE;
  }

  /** Only aligned words are loaded (BpfRules.CALLS). */
  @Override
  public long load(int offset, int size) {
    return Integer.toUnsignedLong(word(offset));
  }

  /** The aligned word at {@code offset}. */
  private int word(int offset) {
    if (offset < 8) {
      return offset == 0 ? number : ARCHITECTURE;
    }
    long whole =
        switch (offset >>> 3) {
          case 1 -> instructionPointer;
          case 2 -> a0;
          case 3 -> a1;
          case 4 -> a2;
          case 5 -> a3;
          case 6 -> a4;
          default -> a5;
        };
    return (int) ((offset & 4) == 0 ? whole : whole >>> 32);
  }
}
