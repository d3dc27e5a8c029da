package io.loomvisor.task.process;

/** The options of wait4(2) and waitid(2) (include/uapi/linux/wait.h). */
public final class WaitOptions {
  public static final int WNOHANG = 1;
  public static final int WUNTRACED = 2;
  public static final int WEXITED = 4;
  public static final int WCONTINUED = 8;
  public static final int WNOWAIT = 0x0100_0000;
  public static final int WALL = 0x4000_0000;
  public static final int WCLONE = 0x8000_0000;

  private WaitOptions() {}
}
