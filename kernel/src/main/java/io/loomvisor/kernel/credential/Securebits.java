package io.loomvisor.kernel.credential;

/** SECBIT_ flags (include/uapi/linux/securebits.h). Each has its lock one bit higher. */
public final class Securebits {
  public static final int NOROOT = 1;
  public static final int NO_SETUID_FIXUP = 4;
  public static final int KEEP_CAPS = 16;
  public static final int KEEP_CAPS_LOCKED = 32;
  public static final int NO_CAP_AMBIENT_RAISE = 64;
  public static final int ALL = 0xff;

  private static final int FLAGS = 0x55;

  private Securebits() {}

  /** Whether {@code to} may follow {@code from}: no locked flag changes and no lock opens. */
  public static boolean allowed(int from, int to) {
    int locks = from & FLAGS << 1;
    int lockedFlags = locks >> 1;
    return (to & ~ALL) == 0 && (locks & ~to) == 0 && ((from ^ to) & lockedFlags) == 0;
  }
}
