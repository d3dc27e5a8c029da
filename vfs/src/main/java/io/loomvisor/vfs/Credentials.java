package io.loomvisor.vfs;

import java.util.Arrays;

/**
 * The identity that permission checks use (credentials(7)). Immutable; setuid and kin make a new
 * one. Capability sets are bit masks by capability number (capabilities(7)).
 *
 * @param securebits SECBIT_ flags, KEEP_CAPS among them
 * @param noNewPrivileges prctl(PR_SET_NO_NEW_PRIVS): execve gives nothing
 */
public record Credentials(
    int uid,
    int euid,
    int suid,
    int fsuid,
    int gid,
    int egid,
    int sgid,
    int fsgid,
    int[] groups,
    long permitted,
    long effective,
    long inheritable,
    long bounding,
    long ambient,
    int securebits,
    boolean noNewPrivileges) {
  public static final int CAP_CHOWN = 0;
  public static final int CAP_DAC_OVERRIDE = 1;
  public static final int CAP_DAC_READ_SEARCH = 2;
  public static final int CAP_FOWNER = 3;
  public static final int CAP_FSETID = 4;
  public static final int CAP_KILL = 5;
  public static final int CAP_SETGID = 6;
  public static final int CAP_SETUID = 7;
  public static final int CAP_SETPCAP = 8;
  public static final int CAP_NET_BIND_SERVICE = 10;
  public static final int CAP_NET_ADMIN = 12;
  public static final int CAP_NET_RAW = 13;
  public static final int CAP_IPC_LOCK = 14;
  public static final int CAP_SYS_RAWIO = 17;
  public static final int CAP_SYS_CHROOT = 18;
  public static final int CAP_SYS_PTRACE = 19;
  public static final int CAP_SYS_ADMIN = 21;
  public static final int CAP_SYS_NICE = 23;
  public static final int CAP_SYS_RESOURCE = 24;
  public static final int CAP_SYS_TTY_CONFIG = 26;
  public static final int CAP_MKNOD = 27;
  public static final int CAP_SETFCAP = 31;
  public static final int CAP_SYSLOG = 34;

  /** Every capability of Linux 6.x: CAP_LAST_CAP is 40. */
  public static final long ALL_CAPABILITIES = (1L << 41) - 1;

  /** Root with every capability inside the sandbox. */
  public static Credentials root() {
    return of(0, 0, new int[0]);
  }

  /** A plain identity; uid 0 gets every capability, others none. */
  public static Credentials of(int uid, int gid, int... groups) {
    long caps = uid == 0 ? ALL_CAPABILITIES : 0;
    return new Credentials(
        uid,
        uid,
        uid,
        uid,
        gid,
        gid,
        gid,
        gid,
        groups,
        caps,
        caps,
        0,
        ALL_CAPABILITIES,
        0,
        0,
        false);
  }

  public Credentials withUsers(int real, int effective, int saved, int fs) {
    return new Credentials(
        real,
        effective,
        saved,
        fs,
        gid,
        egid,
        sgid,
        fsgid,
        groups,
        permitted,
        this.effective,
        inheritable,
        bounding,
        ambient,
        securebits,
        noNewPrivileges);
  }

  public Credentials withGroupIds(int real, int effective, int saved, int fs) {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        real,
        effective,
        saved,
        fs,
        groups,
        permitted,
        this.effective,
        inheritable,
        bounding,
        ambient,
        securebits,
        noNewPrivileges);
  }

  /** Supplementary groups. */
  public Credentials withGroups(int[] supplementary) {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        gid,
        egid,
        sgid,
        fsgid,
        supplementary,
        permitted,
        effective,
        inheritable,
        bounding,
        ambient,
        securebits,
        noNewPrivileges);
  }

  public Credentials withCapabilities(
      long newPermitted,
      long newEffective,
      long newInheritable,
      long newBounding,
      long newAmbient) {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        gid,
        egid,
        sgid,
        fsgid,
        groups,
        newPermitted,
        newEffective,
        newInheritable,
        newBounding,
        newAmbient,
        securebits,
        noNewPrivileges);
  }

  public Credentials withSecurebits(int bits) {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        gid,
        egid,
        sgid,
        fsgid,
        groups,
        permitted,
        effective,
        inheritable,
        bounding,
        ambient,
        bits,
        noNewPrivileges);
  }

  public Credentials withNoNewPrivileges() {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        gid,
        egid,
        sgid,
        fsgid,
        groups,
        permitted,
        effective,
        inheritable,
        bounding,
        ambient,
        securebits,
        true);
  }

  public boolean has(int capability) {
    return (effective >>> capability & 1) != 0;
  }

  public boolean inGroup(int wanted) {
    return fsgid == wanted || Arrays.stream(groups).anyMatch(g -> g == wanted);
  }

  @Override
  public boolean equals(Object o) {
    return this == o;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
