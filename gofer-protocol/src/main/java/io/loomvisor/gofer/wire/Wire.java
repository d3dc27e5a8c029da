package io.loomvisor.gofer.wire;

import java.nio.charset.StandardCharsets;

/** Limits and rules that both ends check. */
public final class Wire {
  /** Bytes of one message at most; fits the default socket buffers of Linux. */
  public static final int MAX_MESSAGE = 128 << 10;

  /** Bytes of tag, type and padding. */
  public static final int HEADER = 8;

  /** NAME_MAX. */
  public static final int MAX_NAME = 255;

  /** PATH_MAX - 1: the longest symbolic link. */
  public static final int MAX_TARGET = 4095;

  /** XATTR_NAME_MAX and XATTR_SIZE_MAX. */
  public static final int MAX_XATTR_NAME = 255;

  public static final int MAX_XATTR_VALUE = 64 << 10;

  /** Names of one walk. */
  public static final int MAX_WALK = 32;

  /** Fids of one clunk. */
  public static final int MAX_CLUNK = 256;

  private Wire() {}

  /**
   * A name that may stand for one directory entry: 1 to 255 bytes, no slash, no NUL, not "." or
   * "..".
   */
  public static boolean isEntryName(String name) {
    int n = name.length();
    if (n == 0 || n > MAX_NAME || name.equals(".") || name.equals("..")) {
      return false;
    }
    return name.indexOf('/') < 0 && name.indexOf('\0') < 0;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
