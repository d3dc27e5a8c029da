package io.loomvisor.kernel.syscall.sched;

/** What the system call table says of several calls. */
final class Notes {
  static final String NOT_USED = "kept, checked and inherited, but the vCPU pool does not use it";

  private Notes() {}
}
