package io.loomvisor.task.seccomp;

/** What a filter answers: an action in the upper half, data in the lower (seccomp(2)). */
public final class Verdict {
  public static final int KILL_PROCESS = 0x8000_0000;
  public static final int KILL_THREAD = 0;
  public static final int TRAP = 0x0003_0000;
  public static final int ERRNO = 0x0005_0000;
  public static final int USER_NOTIF = 0x7fc0_0000;
  public static final int TRACE = 0x7ff0_0000;
  public static final int LOG = 0x7ffc_0000;
  public static final int ALLOW = 0x7fff_0000;

  private static final int ACTION_MASK = 0xffff_0000;

  private Verdict() {}

  public static int action(int answer) {
    return answer & ACTION_MASK;
  }

  public static int data(int answer) {
    return answer & ~ACTION_MASK;
  }
}
