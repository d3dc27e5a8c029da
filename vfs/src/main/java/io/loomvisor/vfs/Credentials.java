package io.loomvisor.vfs;

import java.util.Arrays;

/**
 * The identity that permission checks use (credentials(7)). Immutable; setuid and kin make a new one. Capability sets are
 * bit masks by capability number (capabilities(7)).
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
    long ambient) {
  public static final int CAP_CHOWN = 0;
  public static final int CAP_DAC_OVERRIDE = 1;
  public static final int CAP_DAC_READ_SEARCH = 2;
  public static final int CAP_FOWNER = 3;
  public static final int CAP_FSETID = 4;
  public static final int CAP_KILL = 5;
  public static final int CAP_SETGID = 6;
  public static final int CAP_SETUID = 7;
  public static final int CAP_SETPCAP = 8;
  public static final int CAP_SYS_CHROOT = 18;
  public static final int CAP_SYS_ADMIN = 21;
  public static final int CAP_SYS_NICE = 23;
  public static final int CAP_SYS_RESOURCE = 24;
  public static final int CAP_MKNOD = 27;
  public static final int CAP_SETFCAP = 31;

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
        uid, uid, uid, uid, gid, gid, gid, gid, groups, caps, caps, 0, ALL_CAPABILITIES, 0);
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
