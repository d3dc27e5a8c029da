package io.loomvisor.task.process;

import io.loomvisor.task.signal.SignalInfo;

/**
 * A child's change of state, as wait reports it.
 *
 * @param code CLD_ constant of siginfo
 * @param status the wait(2) status word
 * @param usage of the child so far and of those it has waited for
 */
public record ChildEvent(int pid, int uid, int code, int status, ResourceUsage usage) {
  /** The status word of an exit code. */
  public static int exited(int exitCode) {
    return (exitCode & 0xff) << 8;
  }

  /** The status word of a stop. */
  public static int stopped(int signal) {
    return signal << 8 | 0x7f;
  }

  /** The CLD_ code of an end with that status word. */
  public static int endCode(int status) {
    if ((status & 0x7f) == 0) {
      return SignalInfo.CLD_EXITED;
    }
    return (status & 0x80) != 0 ? SignalInfo.CLD_DUMPED : SignalInfo.CLD_KILLED;
  }

  /** The status word of a continue. */
  public static final int CONTINUED = 0xffff;
}
