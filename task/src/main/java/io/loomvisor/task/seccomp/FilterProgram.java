package io.loomvisor.task.seccomp;

import java.nio.ByteBuffer;

/**
 * A classic BPF program that has been checked: it ends, and touches nothing but the data of the
 * call and its scratch memory (net/core/filter.c: bpf_check_classic; kernel/seccomp.c:
 * seccomp_check_filter). Immutable.
 */
public final class FilterProgram {
  /** BPF_MAXINSNS. */
  public static final int MAX_LENGTH = 4096;

  /** struct sock_filter: code (2), jt, jf, k (4). */
  public static final int INSTRUCTION_SIZE = 8;

  private static final int LOAD_CALL = Bpf.LD | Bpf.ABS;

  private final int[] codes;
  private final int[] jumps;
  private final int[] constants;

  private FilterProgram(int[] codes, int[] jumps, int[] constants) {
    this.codes = codes;
    this.jumps = jumps;
    this.constants = constants;
  }

  /**
   * The program in {@code code}, little endian from its position to its limit; null if it is not
   * one that Linux accepts.
   */
  public static FilterProgram of(ByteBuffer code) {
    int n = code.remaining() / INSTRUCTION_SIZE;
    int[] codes = new int[n];
    int[] jumps = new int[n];
    int[] constants = new int[n];
    for (int i = 0; i < n; i++) {
      codes[i] = code.getShort() & 0xffff;
      jumps[i] = code.getShort() & 0xffff;
      constants[i] = code.getInt();
    }
    FilterCheck check = new FilterCheck(codes, jumps, constants);
    return check.passes() ? new FilterProgram(codes, jumps, constants) : null;
  }

  /**
   * Instructions that Linux's translation to its own code has, which is what its limit counts (3 of
   * a prologue, and more than one for some; bpf_convert_filter).
   */
  int translatedLength() {
    int n = 3;
    for (int i = 0; i < codes.length; i++) {
      n += translatedLength(codes[i], jumps[i], constants[i]);
    }
    return n;
  }

  private static int translatedLength(int code, int jump, int k) {
    if (code == (Bpf.RET | 0)) {
      return 2;
    }
    if (code == (Bpf.ALU | Bpf.DIV | Bpf.X)) {
      return 5;
    }
    boolean conditional = (code & Bpf.CLASS_MASK) == Bpf.JMP && code != (Bpf.JMP | Bpf.JA);
    if (!conditional) {
      return 1;
    }
    int wide = (code & Bpf.X) == 0 && k < 0 ? 1 : 0;
    boolean jset = (code & Bpf.OP_MASK) == Bpf.JSET;
    boolean one = jump >>> 8 == 0 || (jump & 0xff) == 0 && !jset;
    return wide + (one ? 1 : 2);
  }

  /** What it answers for a call: a SECCOMP_RET_ value. */
  public int run(CallData data) {
    return run(data, false);
  }

  /** Whether it allows call {@code number} without a look at anything else of it. */
  public boolean allows(int number) {
    int answer = run(new CallData(number, 0, 0, 0, 0, 0, 0, 0), true);
    return Verdict.action(answer) == Verdict.ALLOW;
  }

  /**
   * @param numberOnly answers 0, which is no permission, where it looks at more than the number
   */
  private int run(CallData data, boolean numberOnly) {
    int a = 0;
    int x = 0;
    int[] memory = null;
    for (int pc = 0; ; pc++) {
      int code = codes[pc];
      int k = constants[pc];
      int operand = (code & Bpf.X) != 0 ? x : k;
      if (numberOnly && code == LOAD_CALL && k > CallData.LAST_OF_NUMBER) {
        return 0;
      }
      switch (code & Bpf.CLASS_MASK) {
        case Bpf.LD ->
            a =
                switch (code & 0xe0) {
                  case Bpf.ABS -> data.word(k);
                  case Bpf.MEM -> memory == null ? 0 : memory[k];
                  case Bpf.LEN -> CallData.SIZE;
                  default -> k;
                };
        case Bpf.LDX ->
            x =
                switch (code & 0xe0) {
                  case Bpf.MEM -> memory == null ? 0 : memory[k];
                  case Bpf.LEN -> CallData.SIZE;
                  default -> k;
                };
        case Bpf.ST, Bpf.STX -> {
          memory = memory == null ? new int[Bpf.MEMWORDS] : memory;
          memory[k] = code == Bpf.ST ? a : x;
        }
        case Bpf.ALU -> {
          if ((code & Bpf.OP_MASK) == Bpf.DIV && operand == 0) {
            return 0; // as ever in classic BPF
          }
          a = compute(code, a, operand);
        }
        case Bpf.JMP -> pc += jump(code, a, operand, jumps[pc], k);
        case Bpf.RET -> {
          return code == (Bpf.RET | Bpf.A) ? a : k;
        }
        default -> {
          if ((code & 0xf8) == Bpf.TAX) {
            x = a;
          } else {
            a = x;
          }
        }
      }
    }
  }

  private static int compute(int code, int a, int operand) {
    return switch (code & Bpf.OP_MASK) {
      case Bpf.ADD -> a + operand;
      case Bpf.SUB -> a - operand;
      case Bpf.MUL -> a * operand;
      case Bpf.DIV -> Integer.divideUnsigned(a, operand);
      case Bpf.OR -> a | operand;
      case Bpf.AND -> a & operand;
      case Bpf.LSH -> a << operand;
      case Bpf.RSH -> a >>> operand;
      case Bpf.XOR -> a ^ operand;
      default -> -a;
    };
  }

  /** How many instructions to skip; {@code targets} has jt in its low byte, jf above. */
  private static int jump(int code, int a, int operand, int targets, int k) {
    boolean taken =
        switch (code & Bpf.OP_MASK) {
          case Bpf.JEQ -> a == operand;
          case Bpf.JGT -> Integer.compareUnsigned(a, operand) > 0;
          case Bpf.JGE -> Integer.compareUnsigned(a, operand) >= 0;
          case Bpf.JSET -> (a & operand) != 0;
          default -> {
            yield false;
          }
        };
    if ((code & Bpf.OP_MASK) == Bpf.JA) {
      return k;
    }
    return taken ? targets & 0xff : targets >>> 8;
  }
}
