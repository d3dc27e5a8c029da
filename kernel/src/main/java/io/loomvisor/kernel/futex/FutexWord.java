package io.loomvisor.kernel.futex;

/**
 * The word of a robust or priority-inheritance futex (include/uapi/linux/futex.h).
 *
 * <pre>
 *   31 FUTEX_WAITERS   30 FUTEX_OWNER_DIED   29-0 thread id of the owner
 * </pre>
 */
public final class FutexWord {
  static final int WAITERS = 0x80000000;
  static final int OWNER_DIED = 0x40000000;
  static final int TID_MASK = 0x3fffffff;

  private FutexWord() {}

  public static int owner(int word) {
    return word & TID_MASK;
  }
}
