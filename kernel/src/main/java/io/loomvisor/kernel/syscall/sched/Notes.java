package io.loomvisor.kernel.syscall.sched;

/** What the system call table says of several calls. */
final class Notes {
  static final String PRIORITY =
      "weights as Linux's in the pool sticky; docs/vcpu-pools.md says what others do";

  static final String POLICY =
      "obeyed by the pool sticky, without throttling of real-time tasks and without"
          + " inheritance of priorities";

  static final String AFFINITY = "obeyed by the pools sticky and fifo (docs/vcpu-pools.md)";

  private Notes() {}
}
