package io.loomvisor.platform.kvm.memory;

/**
 * How translations that KVM or the CPU has cached are thrown away. Any thread; see
 * docs/memory-downgrades.md.
 */
public interface GuestTlb {
  /**
   * Returns when no vCPU can still be walking the tables under {@code root} on the strength of
   * entries read before the call. Needed where KVM walks guest tables in software (shadow paging)
   * and may install what it read a moment ago.
   */
  void quiesce(long root);

  /** Gets every vCPU that runs on the tables under {@code root} out of the application once. */
  void barrier(long root);

  /** Forgets all translations to {@code count} frames from {@code frame}, on every vCPU. */
  void zap(long frame, long count);

  /**
   * Forgets everything, page tables that KVM has shadowed included: table frames may get any other
   * use afterwards.
   */
  void zapEverything();
}
