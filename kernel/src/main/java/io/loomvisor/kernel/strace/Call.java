package io.loomvisor.kernel.strace;

/**
 * One syscall as its arguments' printers see it.
 *
 * @param result what it returned; -errno if it failed; 0 while it has not returned
 * @param returned whether it has
 */
record Call(long[] arguments, Peek memory, long result, boolean returned) {
  long get(int i) {
    return arguments[i];
  }

  int getInt(int i) {
    return (int) arguments[i];
  }

  /** Whether it failed: results it would have written are not there. */
  boolean failed() {
    return result < 0 && result >= -4095;
  }

  Call returning(long value) {
    return new Call(arguments, memory, value, true);
  }
}
