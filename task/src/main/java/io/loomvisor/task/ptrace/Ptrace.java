package io.loomvisor.task.ptrace;

/** Options and events of ptrace(2), by their names in linux/ptrace.h. */
public final class Ptrace {
  public static final int O_TRACESYSGOOD = 1;
  public static final int O_TRACEFORK = 1 << 1;
  public static final int O_TRACEVFORK = 1 << 2;
  public static final int O_TRACECLONE = 1 << 3;
  public static final int O_TRACEEXEC = 1 << 4;
  public static final int O_TRACEVFORKDONE = 1 << 5;
  public static final int O_TRACEEXIT = 1 << 6;
  public static final int O_TRACESECCOMP = 1 << 7;
  public static final int O_EXITKILL = 1 << 20;

  /** What SETOPTIONS takes; PTRACE_O_SUSPEND_SECCOMP is not among it. */
  public static final int O_MASK = 0xff | O_EXITKILL;

  public static final int EVENT_FORK = 1;
  public static final int EVENT_VFORK = 2;
  public static final int EVENT_CLONE = 3;
  public static final int EVENT_EXEC = 4;
  public static final int EVENT_VFORK_DONE = 5;
  public static final int EVENT_EXIT = 6;
  public static final int EVENT_SECCOMP = 7;
  public static final int EVENT_STOP = 128;

  public static final long EVENTMSG_SYSCALL_ENTRY = 1;
  public static final long EVENTMSG_SYSCALL_EXIT = 2;

  private Ptrace() {}

  /** The option that has {@code event} stop the tracee (linux/ptrace.h: PT_EVENT_FLAG). */
  public static int optionFor(int event) {
    return 1 << event;
  }
}
