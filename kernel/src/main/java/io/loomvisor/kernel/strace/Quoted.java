package io.loomvisor.kernel.strace;

/** Bytes of the application as strace prints them: C escapes, cut with three dots. */
final class Quoted {
  /** strace's default for -s. */
  static final int CUT = 32;

  private Quoted() {}

  /**
   * Appends at most {@code cut} bytes.
   *
   * @param total how many there are, which may be more than {@code bytes} holds
   */
  static void append(StringBuilder out, byte[] bytes, long total, int cut) {
    int shown = Math.min(bytes.length, cut);
    out.append('"');
    for (int i = 0; i < shown; i++) {
      escape(out, bytes[i] & 0xff, i + 1 < shown ? bytes[i + 1] & 0xff : -1);
    }
    out.append('"');
    if (total > shown) {
      out.append("...");
    }
  }

  /** All bytes as \xHH (what getrandom returns is no text). */
  static void appendHex(StringBuilder out, byte[] bytes, long total, int cut) {
    int shown = Math.min(bytes.length, cut);
    out.append('"');
    for (int i = 0; i < shown; i++) {
      out.append("\\x")
          .append(Character.forDigit(bytes[i] >> 4 & 15, 16))
          .append(Character.forDigit(bytes[i] & 15, 16));
    }
    out.append('"');
    if (total > shown) {
      out.append("...");
    }
  }

  private static void escape(StringBuilder out, int c, int next) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\t' -> out.append("\\t");
      case '\n' -> out.append("\\n");
      case 0x0b -> out.append("\\v");
      case '\f' -> out.append("\\f");
      case '\r' -> out.append("\\r");
      default -> {
        if (c >= ' ' && c < 0x7f) {
          out.append((char) c);
        } else {
          octal(out, c, next >= '0' && next <= '9');
        }
      }
    }
  }

  /** As short as can be read back: three digits only before another digit. */
  private static void octal(StringBuilder out, int c, boolean full) {
    String digits = Integer.toOctalString(c);
    out.append('\\');
    if (full) {
      out.repeat('0', 3 - digits.length());
    }
    out.append(digits);
  }
}
