package io.loomvisor.runtime.seccomp;

/**
 * A condition on one argument of a syscall: {@code (argument & mask) == value}, on all 64 bits.
 *
 * @param argument 0 to 5
 */
public record ArgumentCheck(int argument, long mask, long value) {
  /**
   * CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID (glibc,
   * nptl/pthread_create.c).
   */
  private static final long THREAD_FLAGS = 0x3d0f00;

  private static final long INT = 0xffff_ffffL;

  public ArgumentCheck {
    if (argument < 0 || argument > 5 || (value & ~mask) != 0) {
      throw new IllegalArgumentException("a check that cannot hold");
    }
  }

  /**
   * The argument, which the kernel takes as an int and so without its upper half, is {@code value}.
   */
  static ArgumentCheck isInt(int argument, int value) {
    return new ArgumentCheck(argument, INT, value & INT);
  }

  /** The flags of clone(2), its first argument, are those of pthread_create(3). */
  static ArgumentCheck isThread() {
    return new ArgumentCheck(0, -1, THREAD_FLAGS);
  }

  /** The argument, a long, has no other bits than {@code bits}. */
  static ArgumentCheck only(int argument, long bits) {
    return new ArgumentCheck(argument, ~bits, 0);
  }
}
