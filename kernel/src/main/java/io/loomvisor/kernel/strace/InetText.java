package io.loomvisor.kernel.strace;

/** Internet addresses as text (inet_ntop(3)). */
final class InetText {
  private static final int GROUPS = 8;

  private InetText() {}

  /**
   * Sixteen bytes from {@code at}: the longest run of at least two zero groups is "::" (RFC 5952).
   */
  static void v6(StringBuilder out, byte[] b, int at) {
    int bestStart = -1;
    int bestLength = 1;
    for (int i = 0; i < GROUPS; i++) {
      int n = 0;
      while (i + n < GROUPS && group(b, at, i + n) == 0) {
        n++;
      }
      if (n > bestLength) {
        bestStart = i;
        bestLength = n;
      }
      i += Math.max(0, n - 1);
    }
    for (int i = 0; i < GROUPS; i++) {
      if (i == bestStart) {
        out.append("::");
        i += bestLength - 1;
      } else {
        boolean afterGap = bestStart >= 0 && i == bestStart + bestLength;
        out.append(i > 0 && !afterGap ? ":" : "");
        out.append(Integer.toHexString(group(b, at, i)));
      }
    }
  }

  private static int group(byte[] b, int at, int i) {
    return (b[at + 2 * i] & 0xff) << 8 | b[at + 2 * i + 1] & 0xff;
  }
}
