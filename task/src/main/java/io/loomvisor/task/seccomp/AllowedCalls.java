package io.loomvisor.task.seccomp;

import java.util.function.IntPredicate;

/**
 * Remembers for each number whether filters allow it whatever the arguments, as Linux has a bitmap
 * for (kernel/seccomp.c: seccomp_cache_prepare); filled as calls come. Any thread: an entry, once
 * written, is the same from whoever writes it.
 */
final class AllowedCalls {
  private static final byte UNKNOWN = 0;
  private static final byte YES = 1;
  private static final byte NO = 2;

  /** Beyond the highest number that there is. */
  private static final int NUMBERS = 512;

  private final byte[] known = new byte[NUMBERS];

  /**
   * @param allowed what is to be remembered
   */
  boolean contains(int number, IntPredicate allowed) {
    if (number < 0 || number >= NUMBERS) {
      return false;
    }
    byte is = known[number];
    if (is == UNKNOWN) {
      is = allowed.test(number) ? YES : NO;
      known[number] = is;
    }
    return is == YES;
  }
}
