package io.loomvisor.runtime.seccomp;

import io.loomvisor.runtime.seccomp.BpfAssembler.Label;

/**
 * A condition of a container's profile on one argument: {@code (argument & mask) OPERATOR value},
 * on all 64 bits, unsigned.
 *
 * @param argument 0 to 5
 */
public record Condition(int argument, long mask, Operator operator, long value) {
  private static final int ARGUMENTS = 16;

  /** How the two are compared. */
  public enum Operator {
    NOT_EQUAL,
    LESS,
    AT_MOST,
    EQUAL,
    AT_LEAST,
    GREATER
  }

  public Condition {
    if (argument < 0 || argument > 5) {
      throw new IllegalArgumentException("argument " + argument);
    }
  }

  /** Goes on behind it if the condition holds, otherwise at {@code other}. */
  void assemble(BpfAssembler out, Label other) {
    Label holds = new Label();
    int high = (int) (value >>> 32);
    int low = (int) value;
    load(out, 4);
    switch (operator) {
      case EQUAL -> out.unlessEqual(high, other);
      case NOT_EQUAL -> out.unlessEqual(high, holds);
      case GREATER, AT_LEAST -> out.ifGreater(high, holds).unlessEqual(high, other);
      case LESS, AT_MOST -> out.ifGreater(high, other).unlessEqual(high, holds);
    }
    load(out, 0);
    switch (operator) {
      case EQUAL -> out.unlessEqual(low, other);
      case NOT_EQUAL -> out.ifEqual(low, other);
      case GREATER -> out.unlessGreater(low, other);
      case AT_LEAST -> out.unlessAtLeast(low, other);
      case LESS -> out.ifAtLeast(low, other);
      case AT_MOST -> out.ifGreater(low, other);
    }
    out.bind(holds);
  }

  private void load(BpfAssembler out, int half) {
    out.load(ARGUMENTS + 8 * argument + half);
    int part = (int) (mask >>> 8 * half);
    if (part != -1) {
      out.and(part);
    }
  }
}
