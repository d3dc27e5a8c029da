package io.loomvisor.platform.kvm;

/**
 * What the probe found.
 *
 * @param entryInRing3 SYSCALL leaves the CPU in ring 3 at LSTAR
 * @param shadowPaging KVM keeps translations of its own and does not notice stores of the host to guest page tables
 */
record HostKind(boolean entryInRing3, boolean shadowPaging) {
  /** What is assumed while probing: the entry of the manuals, and the paging that needs the most care. */
  static final HostKind UNKNOWN = new HostKind(false, true);

  String describe() {
    return (entryInRing3 ? "SYSCALL stays in ring 3: OUT through the I/O bitmap" : "SYSCALL enters ring 0: OUT, SYSRET")
        + (shadowPaging ? "; shadow paging" : "; nested paging");
  }
}
