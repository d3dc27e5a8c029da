package io.loomvisor.runtime.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

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

  /** BPF_JMP | BPF_JGT | BPF_K, unsigned. */
  public static final int JUMP_IF_GREATER = 0x25;

  /** BPF_JMP | BPF_JA: k instructions. */
  public static final int JUMP = 0x05;

  /** BPF_RET | BPF_K. */
  public static final int RETURN = 0x06;

  /** As the kernel takes it. */
  public static ByteBuffer bytes(List<BpfInstruction> program) {
    ByteBuffer out = ByteBuffer.allocate(program.size() * SIZE).order(ByteOrder.LITTLE_ENDIAN);
    for (BpfInstruction i : program) {
      out.putShort((short) i.code).put((byte) i.jt).put((byte) i.jf).putInt(i.k);
    }
    return out.flip();
  }
}
