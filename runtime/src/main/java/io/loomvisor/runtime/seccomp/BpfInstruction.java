package io.loomvisor.runtime.seccomp;

/**
 * One instruction of classic BPF, struct sock_filter (linux/filter.h).
 *
 * <pre>
 *   0        2    3    4        8
 *   | code   | jt | jf | k      |
 * </pre>
 *
 * @param code class, size, mode and operation, or-ed (linux/bpf_common.h)
 * @param jt instructions to skip if a jump's condition holds, 0 to 255
 * @param jf the same if it does not
 * @param k the operand
 */
public record BpfInstruction(int code, int jt, int jf, int k) {
  public static final int SIZE = 8;

  /** BPF_LD | BPF_W | BPF_ABS: the accumulator becomes the word at offset k of the data. */
  public static final int LOAD = 0x20;

  /** BPF_ALU | BPF_AND | BPF_K. */
  public static final int AND = 0x54;

  /** BPF_JMP | BPF_JEQ | BPF_K. */
  public static final int JUMP_IF_EQUAL = 0x15;

  /** BPF_JMP | BPF_JGE | BPF_K, unsigned. */
  public static final int JUMP_IF_AT_LEAST = 0x35;

  /** BPF_RET | BPF_K. */
  public static final int RETURN = 0x06;
}
