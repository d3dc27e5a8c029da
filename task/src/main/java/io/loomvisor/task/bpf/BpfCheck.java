package io.loomvisor.task.bpf;

import java.util.Arrays;

/**
 * What Linux demands of a program: known operations only, every jump forwards and inside, a return
 * at the end, no scratch word read that some way there has not written.
 */
final class BpfCheck {
  private final int[] codes;
  private final int[] jumps;
  private final int[] constants;
  private final BpfRules rules;

  BpfCheck(BpfRules rules, int[] codes, int[] jumps, int[] constants) {
    this.rules = rules;
    this.codes = codes;
    this.jumps = jumps;
    this.constants = constants;
  }

  boolean passes() {
    for (int pc = 0; pc < codes.length; pc++) {
      if (!known(codes[pc]) || !sound(pc)) {
        return false;
      }
    }
    int last = codes[codes.length - 1];
    return (last & Bpf.CLASS_MASK) == Bpf.RET && readsOnlyWhatIsWritten();
  }

  private boolean known(int code) {
    int op = code & Bpf.OP_MASK;
    boolean register = (code & Bpf.X) != 0;
    return switch (code & Bpf.CLASS_MASK) {
      case Bpf.LD -> code == Bpf.IMM || code == Bpf.MEM || code == Bpf.LEN || rules.knows(code);
      case Bpf.LDX -> {
        int mode = code & ~Bpf.CLASS_MASK;
        boolean headerLength = mode == (Bpf.MSH | Bpf.B) && rules.wide();
        yield mode == Bpf.IMM || mode == Bpf.MEM || mode == Bpf.LEN || headerLength;
      }
      case Bpf.ST -> code == Bpf.ST;
      case Bpf.STX -> code == Bpf.STX;
      case Bpf.ALU ->
          code <= 0xff
              && switch (op) {
                case Bpf.ADD, Bpf.SUB, Bpf.MUL, Bpf.DIV, Bpf.OR, Bpf.AND, Bpf.LSH, Bpf.RSH -> true;
                case Bpf.XOR -> true;
                case Bpf.NEG -> !register;
                case Bpf.MOD -> rules.wide();
                default -> false;
              };
      case Bpf.JMP ->
          code <= 0xff
              && switch (op) {
                case Bpf.JEQ, Bpf.JGT, Bpf.JGE, Bpf.JSET -> true;
                case Bpf.JA -> !register;
                default -> false;
              };
      case Bpf.RET -> code == Bpf.RET || code == (Bpf.RET | Bpf.A);
      default -> code == (Bpf.MISC | Bpf.TAX) || code == (Bpf.MISC | Bpf.TXA);
    };
  }

  /** Constants and jump targets of a known instruction. */
  private boolean sound(int pc) {
    int code = codes[pc];
    int k = constants[pc];
    int op = code & Bpf.OP_MASK;
    boolean register = (code & Bpf.X) != 0;
    return switch (code & Bpf.CLASS_MASK) {
      case Bpf.LD -> rules.knows(code) ? rules.reaches(code, k) : code != Bpf.MEM || scratch(k);
      case Bpf.LDX -> code != (Bpf.LDX | Bpf.MEM) || scratch(k);
      case Bpf.ST, Bpf.STX -> scratch(k);
      case Bpf.ALU ->
          register
              || ((op != Bpf.DIV && op != Bpf.MOD) || k != 0)
                  && (op != Bpf.LSH && op != Bpf.RSH || k >= 0 && k < Integer.SIZE);
      case Bpf.JMP -> {
        int left = codes.length - pc - 1;
        yield op == Bpf.JA
            ? k >= 0 && k < left
            : (jumps[pc] & 0xff) < left && jumps[pc] >>> 8 < left;
      }
      default -> true;
    };
  }

  private static boolean scratch(int k) {
    return k >= 0 && k < Bpf.MEMWORDS;
  }

  /** check_load_and_stores(): which words are written on every way to an instruction. */
  private boolean readsOnlyWhatIsWritten() {
    int[] written = new int[codes.length];
    Arrays.fill(written, -1);
    int now = 0;
    for (int pc = 0; pc < codes.length; pc++) {
      now &= written[pc];
      int k = constants[pc];
      switch (codes[pc]) {
        case Bpf.ST, Bpf.STX -> now |= 1 << k;
        case Bpf.LD | Bpf.MEM, Bpf.LDX | Bpf.MEM -> {
          if ((now & 1 << k) == 0) {
            return false;
          }
        }
        case Bpf.JMP | Bpf.JA -> {
          written[pc + 1 + k] &= now;
          now = -1;
        }
        default -> {
          if ((codes[pc] & Bpf.CLASS_MASK) == Bpf.JMP) {
            written[pc + 1 + (jumps[pc] & 0xff)] &= now;
            written[pc + 1 + (jumps[pc] >>> 8)] &= now;
            now = -1;
          }
        }
      }
    }
    return true;
  }
}
