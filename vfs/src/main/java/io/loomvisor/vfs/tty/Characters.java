package io.loomvisor.vfs.tty;

/** Character classes as Linux's lib/ctype.c has them (ISO 8859-1), for values 0 to 255. */
final class Characters {
  private static final int DELETE = 0x7f;

  private Characters() {}

  static boolean isControl(int c) {
    return c < ' ' || c == DELETE;
  }

  static boolean isAlphanumeric(int c) {
    return c >= '0' && c <= '9' || isLower(c) || isUpper(c);
  }

  private static boolean isLower(int c) {
    return c >= 'a' && c <= 'z' || c >= 0xdf && c <= 0xff && c != 0xf7;
  }

  private static boolean isUpper(int c) {
    return c >= 'A' && c <= 'Z' || c >= 0xc0 && c <= 0xde && c != 0xd7;
  }

  static int toLower(int c) {
    return isUpper(c) ? c + 0x20 : c;
  }

  static int toUpper(int c) {
    return isLower(c) ? c - 0x20 : c;
  }

  /** Whether {@code c} goes on a UTF-8 character, if the terminal edits by those. */
  static boolean isContinuation(int c, Termios t) {
    return t.input(Termios.IUTF8) && (c & 0xc0) == 0x80;
  }
}
