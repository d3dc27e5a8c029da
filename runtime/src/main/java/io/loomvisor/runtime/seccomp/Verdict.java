package io.loomvisor.runtime.seccomp;

/** What becomes of a syscall (seccomp(2)). */
public enum Verdict {
  /** SECCOMP_RET_ALLOW. */
  ALLOW(0x7fff_0000),
  /** SECCOMP_RET_ERRNO with ENOSYS: glibc has another way, or does without. */
  NOT_IMPLEMENTED(0x0005_0000 | 38),
  /** SECCOMP_RET_ERRNO with EPERM. */
  NOT_PERMITTED(0x0005_0000 | 1),
  /** SECCOMP_RET_KILL_PROCESS: the process dies of SIGSYS. */
  KILL(0x8000_0000);

  private final int code;

  Verdict(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
