package io.loomvisor.kernel.credential;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;

/**
 * "Ptrace access mode checking" of ptrace(2) with the caller's real ids (PTRACE_MODE_REALCREDS):
 * who may look into another process, or reach into it.
 */
public final class PtraceAccess {
  private PtraceAccess() {}

  /** EPERM unless {@code caller} may. */
  public static void check(Task caller, Task target) {
    if (!allowed(caller, target)) {
      throw Errno.EPERM.exception();
    }
  }

  public static boolean allowed(Task caller, Task target) {
    if (caller.group() == target.group()) {
      return true;
    }
    Credentials mine = caller.credentials();
    if (mine.has(Credentials.CAP_SYS_PTRACE)) {
      return true;
    }
    Credentials theirs = target.credentials();
    return mine.uid() == theirs.uid()
        && mine.uid() == theirs.euid()
        && mine.uid() == theirs.suid()
        && mine.gid() == theirs.gid()
        && mine.gid() == theirs.egid()
        && mine.gid() == theirs.sgid()
        && target.group().settings().dumpable()
        && (theirs.permitted() & ~mine.permitted()) == 0;
  }
}
