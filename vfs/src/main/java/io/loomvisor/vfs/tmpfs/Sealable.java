package io.loomvisor.vfs.tmpfs;

/**
 * A description that fcntl(F_ADD_SEALS) and F_GET_SEALS work on; other descriptions fail with
 * EINVAL.
 */
public interface Sealable {
  int F_SEAL_SEAL = 1;
  int F_SEAL_SHRINK = 2;
  int F_SEAL_GROW = 4;
  int F_SEAL_WRITE = 8;
  int F_SEAL_FUTURE_WRITE = 16;
  int F_SEAL_EXEC = 32;
  int ALL_SEALS = 63;

  int seals();

  /**
   * EPERM if sealed against it or not open for writing, EINVAL for unknown bits, EBUSY for
   * F_SEAL_WRITE while mapped.
   */
  void addSeals(int seals);

  /**
   * A shared mapping that may be written begins (+1) or ends (-1): as long as there is one
   * F_SEAL_WRITE fails with EBUSY. EPERM if F_SEAL_WRITE is set; F_SEAL_FUTURE_WRITE is the
   * caller's business, as forks of a mapping may still begin.
   */
  void countWritableMapping(int change);
}
