package io.loomvisor.vfs.proc;

/** Names of /proc that are numbers. */
final class Decimal {
  private static final int MAX_DIGITS = 9;

  private Decimal() {}

  /** The number that {@code name} writes without leading zeros; -1 if it is not one. */
  static int parse(String name) {
    int length = name.length();
    if (length == 0 || length > MAX_DIGITS || length > 1 && name.charAt(0) == '0') {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < length; i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
