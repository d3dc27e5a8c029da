package io.loomvisor.vfs.proc;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;

/**
 * Whose files a directory of /proc holds.
 *
 * @param tid the number in the directory's name
 * @param thread true below task/: times are the thread's own
 */
record TaskScope(
    ProcFilesystem filesystem, ProcContext context, ProcessView view, int tid, boolean thread) {
  private static final int CAP_SYS_PTRACE = 19;

  /** Kinds of inode numbers, see {@link #inode}. */
  static final int FILE = 0;

  static final int FD = 1;
  static final int FDINFO = 2;
  static final int NS = 3;
  static final int TASK = 4;

  /** A stable number: tid in the upper half, so that it never meets those of fixed files. */
  long inode(int kind, int index) {
    return (long) tid << 32 | (thread ? 1L << 31 : 0) | (long) kind << 27 | index & 0x7FF_FFFF;
  }

  boolean alive() {
    try {
      view.status();
      return true;
    } catch (LinuxException _) {
      return false;
    }
  }

  /**
   * Who owns the files: the effective user, or root while the task may not be dumped (proc(5)).
   * Directories that all may read belong to the effective user always.
   */
  Credentials owner(boolean publicDirectory) {
    try {
      TaskStatus status = view.status();
      return publicDirectory || status.dumpable() ? status.credentials() : Credentials.root();
    } catch (LinuxException _) {
      return Credentials.root();
    }
  }

  /** PTRACE_MODE_READ_FSCREDS of ptrace(2), "Ptrace access mode checking". */
  boolean mayInspect(Credentials reader) {
    TaskStatus status = view.status();
    if (reader.has(CAP_SYS_PTRACE)) {
      return true;
    }
    Credentials c = status.credentials();
    return status.dumpable()
        && reader.fsuid() == c.uid()
        && reader.fsuid() == c.euid()
        && reader.fsuid() == c.suid()
        && reader.fsgid() == c.gid()
        && reader.fsgid() == c.egid()
        && reader.fsgid() == c.sgid();
  }

  /** As {@link #mayInspect}; a thread may always look into its own process. EACCES. */
  void checkInspect(Caller caller) {
    if (caller.threadGroupId() != view.status().identity().tgid()
        && !mayInspect(caller.credentials())) {
      throw Errno.EACCES.exception();
    }
  }
}
