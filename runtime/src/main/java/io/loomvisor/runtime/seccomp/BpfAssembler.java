package io.loomvisor.runtime.seccomp;

import java.util.ArrayList;
import java.util.List;

/**
 * Assembles classic BPF with labels in place of jump distances. BPF jumps forward only, on a
 * condition by at most 255 instructions: {@link #assemble} refuses what does not fit.
 */
final class BpfAssembler {
  /** Most instructions that the kernel takes (BPF_MAXINSNS). */
  static final int MAX_INSTRUCTIONS = 4096;

  private static final int MAX_BRANCH = 255;

  /** A place in the program, bound once. */
  static final class Label {
    private int at = -1;
  }

  /** An instruction whose targets may still be unbound; null falls through. */
  private record Draft(int code, Label whenTrue, Label whenFalse, int k) {}

  private final List<Draft> drafts = new ArrayList<>();

  BpfAssembler load(int offset) {
    return add(BpfInstruction.LOAD, null, null, offset);
  }

  BpfAssembler and(int mask) {
    return add(BpfInstruction.AND, null, null, mask);
  }

  /**
   * Goes on behind this instruction if the accumulator is {@code value}, otherwise at {@code
   * other}.
   */
  BpfAssembler unlessEqual(int value, Label other) {
    return add(BpfInstruction.JUMP_IF_EQUAL, null, other, value);
  }

  /** Goes to {@code target} if the accumulator is, unsigned, at least {@code value}. */
  BpfAssembler ifAtLeast(int value, Label target) {
    return add(BpfInstruction.JUMP_IF_AT_LEAST, target, null, value);
  }

  BpfAssembler unlessAtLeast(int value, Label target) {
    return add(BpfInstruction.JUMP_IF_AT_LEAST, null, target, value);
  }

  BpfAssembler ifGreater(int value, Label target) {
    return add(BpfInstruction.JUMP_IF_GREATER, target, null, value);
  }

  BpfAssembler unlessGreater(int value, Label target) {
    return add(BpfInstruction.JUMP_IF_GREATER, null, target, value);
  }

  BpfAssembler ifEqual(int value, Label target) {
    return add(BpfInstruction.JUMP_IF_EQUAL, target, null, value);
  }

  /** However far. */
  BpfAssembler jump(Label target) {
    return add(BpfInstruction.JUMP, target, null, 0);
  }

  BpfAssembler answer(int verdict) {
    return add(BpfInstruction.RETURN, null, null, verdict);
  }

  BpfAssembler bind(Label label) {
    if (label.at >= 0) {
      throw new IllegalStateException("a label is bound twice");
    }
    label.at = drafts.size();
    return this;
  }

  private BpfAssembler add(int code, Label whenTrue, Label whenFalse, int k) {
    drafts.add(new Draft(code, whenTrue, whenFalse, k));
    return this;
  }

  List<BpfInstruction> assemble() {
    if (drafts.isEmpty() || drafts.getLast().code() != BpfInstruction.RETURN) {
      throw new IllegalStateException("a program must end with a verdict");
    }
    if (drafts.size() > MAX_INSTRUCTIONS) {
      throw new IllegalStateException("a program of " + drafts.size() + " instructions");
    }
    List<BpfInstruction> program = new ArrayList<>(drafts.size());
    for (int i = 0; i < drafts.size(); i++) {
      Draft d = drafts.get(i);
      program.add(
          d.code() == BpfInstruction.JUMP
              ? new BpfInstruction(d.code(), 0, 0, distance(d.whenTrue(), i, MAX_INSTRUCTIONS))
              : new BpfInstruction(
                  d.code(),
                  distance(d.whenTrue(), i, MAX_BRANCH),
                  distance(d.whenFalse(), i, MAX_BRANCH),
                  d.k()));
    }
    return program;
  }

  private int distance(Label label, int from, int most) {
    if (label == null) {
      return 0;
    }
    int distance = label.at - from - 1;
    if (label.at < 0 || label.at >= drafts.size() || distance < 0 || distance > most) {
      throw new IllegalStateException("a jump from " + from + " to " + label.at);
    }
    return distance;
  }
}
