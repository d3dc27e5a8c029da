package io.loomvisor.task;

/** Numbers of personality(2) that mean something here (include/uapi/linux/personality.h). */
public final class Personality {
  public static final int PER_MASK = 0xff;
  public static final int PER_LINUX32 = 8;
  public static final int UNAME26 = 0x0020000;
  public static final int ADDR_NO_RANDOMIZE = 0x0040000;
  public static final int READ_IMPLIES_EXEC = 0x0400000;

  private Personality() {}
}
