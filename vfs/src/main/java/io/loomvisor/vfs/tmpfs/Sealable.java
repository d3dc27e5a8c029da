package io.loomvisor.vfs.tmpfs;

/** A description that fcntl(F_ADD_SEALS) and F_GET_SEALS work on; other descriptions fail with EINVAL. */
public interface Sealable {
  int F_SEAL_SEAL = 1;
  int F_SEAL_SHRINK = 2;
  int F_SEAL_GROW = 4;
  int F_SEAL_WRITE = 8;
  int F_SEAL_FUTURE_WRITE = 16;
  int F_SEAL_EXEC = 32;
  int ALL_SEALS = 63;

  int seals();

  /** EPERM if sealed against it or not open for writing, EINVAL for unknown bits. */
  void addSeals(int seals);
}
