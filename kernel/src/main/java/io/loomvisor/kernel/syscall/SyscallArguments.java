package io.loomvisor.kernel.syscall;

import io.loomvisor.platform.Registers;

/**
 * The six arguments of a syscall, read from the registers at entry (syscall(2), x86-64). One per
 * task, reused.
 */
public final class SyscallArguments {
  private long a0;
  private long a1;
  private long a2;
  private long a3;
  private long a4;
  private long a5;

  public void load(Registers r) {
    a0 = r.rdi;
    a1 = r.rsi;
    a2 = r.rdx;
    a3 = r.r10;
    a4 = r.r8;
    a5 = r.r9;
  }

  public void set(long v0, long v1, long v2, long v3, long v4, long v5) {
    a0 = v0;
    a1 = v1;
    a2 = v2;
    a3 = v3;
    a4 = v4;
    a5 = v5;
  }

  /** Argument {@code i}, 0 to 5: a pointer, size_t or other 64-bit value. */
  public long get(int i) {
    return switch (i) {
      case 0 -> a0;
      case 1 -> a1;
      case 2 -> a2;
      case 3 -> a3;
      case 4 -> a4;
      case 5 -> a5;
      default -> throw new IndexOutOfBoundsException(i);
    };
  }

  /** Argument {@code i} as C int: the upper half is ignored, as Linux does. */
  public int getInt(int i) {
    return (int) get(i);
  }
}
