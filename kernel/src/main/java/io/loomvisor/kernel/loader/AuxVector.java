package io.loomvisor.kernel.loader;

/** Tags of the auxiliary vector (getauxval(3), include/uapi/linux/auxvec.h). */
final class AuxVector {
  static final long AT_NULL = 0;
  static final long AT_PHDR = 3;
  static final long AT_PHENT = 4;
  static final long AT_PHNUM = 5;
  static final long AT_PAGESZ = 6;
  static final long AT_BASE = 7;
  static final long AT_FLAGS = 8;
  static final long AT_ENTRY = 9;
  static final long AT_UID = 11;
  static final long AT_EUID = 12;
  static final long AT_GID = 13;
  static final long AT_EGID = 14;
  static final long AT_PLATFORM = 15;
  static final long AT_HWCAP = 16;
  static final long AT_CLKTCK = 17;
  static final long AT_SECURE = 23;
  static final long AT_RANDOM = 25;
  static final long AT_HWCAP2 = 26;
  static final long AT_EXECFN = 31;
  static final long AT_SYSINFO_EHDR = 33;
  static final long AT_MINSIGSTKSZ = 51;

  private AuxVector() {}
}
