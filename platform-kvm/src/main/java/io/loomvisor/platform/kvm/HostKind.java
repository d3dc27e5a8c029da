package io.loomvisor.platform.kvm;

/**
 * What the probe found.
 *
 * @param entryInRing3 SYSCALL leaves the CPU in ring 3 at LSTAR
 * @param shadowPaging KVM keeps translations of its own and does not notice stores of the host to
 *     guest page tables
 * @param slowRebinding running a vCPU on another thread than last time takes milliseconds, see
 *     {@link VcpuSet}
 */
record HostKind(boolean entryInRing3, boolean shadowPaging, boolean slowRebinding) {
  /**
   * What is assumed while probing: the entry of the manuals, and the paging that needs the most
   * care.
   */
  static final HostKind UNKNOWN = new HostKind(false, true, false);

  HostKind with(KvmOptions.Binding binding) {
    boolean bound =
        switch (binding) {
          case AUTO -> slowRebinding;
          case THREAD -> true;
          case LEASE -> false;
        };
    return new HostKind(entryInRing3, shadowPaging, bound);
  }

  String describe() {
    return (entryInRing3
            ? "SYSCALL stays in ring 3: OUT through the I/O bitmap"
            : "SYSCALL enters ring 0: OUT, SYSRET")
        + (shadowPaging ? "; shadow paging" : "; nested paging")
        + (slowRebinding ? "; one vCPU per host thread" : "");
  }
}
