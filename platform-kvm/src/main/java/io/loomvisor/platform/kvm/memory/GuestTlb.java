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
   * Inner entries have changed, and what became stale by that has been zapped: has KVM read them
   * again. Nothing to do where the CPU itself walks the tables: zapping empties its caches of inner
   * entries too (Intel SDM vol. 3, "Operations that Invalidate Cached Mappings"; AMD APM vol. 2,
   * 15.16).
   */
  void forgetShape();

  /**
   * Forgets everything, page tables that KVM has shadowed included: table frames may get any other
   * use afterwards.
   */
  void zapEverything();
}
