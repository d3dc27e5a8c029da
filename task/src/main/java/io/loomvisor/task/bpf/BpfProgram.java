package io.loomvisor.task.bpf;

import java.nio.ByteBuffer;

/**
 * A program that has been checked: it ends, and touches nothing but what it is given and its
 * scratch memory (net/core/filter.c: bpf_check_classic). Immutable.
 */
public final class BpfProgram {
  /** BPF_MAXINSNS. */
  public static final int MAX_LENGTH = 4096;

  /** struct sock_filter: code (2), jt, jf, k (4). */
  public static final int INSTRUCTION_SIZE = 8;

  private static final int XOR_X = Bpf.SKF_AD_OFF + Bpf.SKF_AD_ALU_XOR_X;

  private final int[] codes;
  private final int[] jumps;
  private final int[] constants;

  private BpfProgram(int[] codes, int[] jumps, int[] constants) {
    this.codes = codes;
    this.jumps = jumps;
    this.constants = constants;
  }

  /**
   * The program in {@code code}, little endian from its position to its limit; null if it is not
   * one that the rules accept.
   */
  public static BpfProgram of(BpfRules rules, ByteBuffer code) {
    int n = code.remaining() / INSTRUCTION_SIZE;
    int[] codes = new int[n];
    int[] jumps = new int[n];
    int[] constants = new int[n];
    for (int i = 0; i < n; i++) {
      codes[i] = code.getShort() & 0xffff;
      jumps[i] = code.getShort() & 0xffff;
      constants[i] = code.getInt();
    }
    BpfCheck check = new BpfCheck(rules, codes, jumps, constants);
    return check.passes() ? new BpfProgram(codes, jumps, constants) : null;
  }

  /** Instructions. */
  public int length() {
    return codes.length;
  }

  /**
   * Instructions that Linux's translation to its own code has, which is what its limit counts (3 of
   * a prologue, and more than one for some; bpf_convert_filter).
   */
  public int translatedLength() {
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

  /** What it answers; 0 where it loads from outside of the data. */
  public int run(BpfData data) {
    int a = 0;
    int x = 0;
    int[] memory = null;
    for (int pc = 0; ; pc++) {
      int code = codes[pc];
      int k = constants[pc];
      int operand = (code & Bpf.X) != 0 ? x : k;
      switch (code & Bpf.CLASS_MASK) {
        case Bpf.LD -> {
          if ((code & Bpf.MODE_MASK) == Bpf.ABS && k == XOR_X) {
            a ^= x;
            continue;
          }
          long v = value(code, k, x, memory, data);
          if (v == BpfData.OUTSIDE) {
            return 0;
          }
          a = (int) v;
        }
        case Bpf.LDX -> {
          long v = value(code, k, 0, memory, data);
          if (v == BpfData.OUTSIDE) {
            return 0;
          }
          x = (int) v;
        }
        case Bpf.ST, Bpf.STX -> {
          memory = memory == null ? new int[Bpf.MEMWORDS] : memory;
          memory[k] = code == Bpf.ST ? a : x;
        }
        case Bpf.ALU -> {
          int op = code & Bpf.OP_MASK;
          if ((op == Bpf.DIV || op == Bpf.MOD) && operand == 0) {
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

  /** What LD and LDX load, zero-extended, or {@link BpfData#OUTSIDE}. */
  private static long value(int code, int k, int x, int[] memory, BpfData data) {
    return switch (code & Bpf.MODE_MASK) {
      case Bpf.ABS -> data.load(k, bytes(code));
      case Bpf.IND -> data.load(k + x, bytes(code));
      case Bpf.MEM -> memory == null ? 0 : Integer.toUnsignedLong(memory[k]);
      case Bpf.LEN -> data.length();
      case Bpf.MSH -> {
        long b = data.load(k, 1);
        yield b == BpfData.OUTSIDE ? b : (b & 0xf) << 2;
      }
      default -> Integer.toUnsignedLong(k);
    };
  }

  private static int bytes(int code) {
    return switch (code & Bpf.SIZE_MASK) {
      case Bpf.B -> 1;
      case Bpf.H -> 2;
      default -> 4;
    };
  }

  private static int compute(int code, int a, int operand) {
    return switch (code & Bpf.OP_MASK) {
      case Bpf.ADD -> a + operand;
      case Bpf.SUB -> a - operand;
      case Bpf.MUL -> a * operand;
      case Bpf.DIV -> Integer.divideUnsigned(a, operand);
      case Bpf.MOD -> Integer.remainderUnsigned(a, operand);
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

  /** The program as it was given (SO_GET_FILTER). */
  public void write(ByteBuffer out) {
    for (int i = 0; i < codes.length; i++) {
      out.putShort((short) codes[i]).putShort((short) jumps[i]).putInt(constants[i]);
    }
  }
}
