package io.loomvisor.kernel.credential;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import java.util.Arrays;

/** setgid(2) and kin, as {@link UserIds}; capabilities do not depend on groups. */
public final class GroupIds {
  /** NGROUPS_MAX. */
  private static final int MOST_GROUPS = 65536;

  private GroupIds() {}

  public static Credentials setgid(Credentials c, int id) {
    if (id == -1) {
      throw Errno.EINVAL.exception();
    }
    if (c.has(Credentials.CAP_SETGID)) {
      return c.withGroupIds(id, id, id, id);
    }
    require(id == c.gid() || id == c.sgid());
    return c.withGroupIds(c.gid(), id, c.sgid(), id);
  }

  public static Credentials setregid(Credentials c, int real, int effective) {
    if (!c.has(Credentials.CAP_SETGID)) {
      require(real == -1 || real == c.gid() || real == c.egid());
      require(effective == -1 || own(c, effective));
    }
    int newEffective = effective == -1 ? c.egid() : effective;
    boolean saves = real != -1 || effective != -1 && effective != c.gid();
    return c.withGroupIds(
        real == -1 ? c.gid() : real, newEffective, saves ? newEffective : c.sgid(), newEffective);
  }

  public static Credentials setresgid(Credentials c, int real, int effective, int saved) {
    if (!c.has(Credentials.CAP_SETGID)) {
      require(real == -1 || own(c, real));
      require(effective == -1 || own(c, effective));
      require(saved == -1 || own(c, saved));
    }
    int newEffective = effective == -1 ? c.egid() : effective;
    return c.withGroupIds(
        real == -1 ? c.gid() : real, newEffective, saved == -1 ? c.sgid() : saved, newEffective);
  }

  /** What is not allowed changes nothing. */
  public static Credentials setfsgid(Credentials c, int id) {
    if (id == -1 || !own(c, id) && id != c.fsgid() && !c.has(Credentials.CAP_SETGID)) {
      return c;
    }
    return c.withGroupIds(c.gid(), c.egid(), c.sgid(), id);
  }

  /** setgroups(2); Linux keeps them sorted. */
  public static Credentials setgroups(Credentials c, int[] groups) {
    require(c.has(Credentials.CAP_SETGID));
    int[] sorted = groups.clone();
    Arrays.sort(sorted);
    return c.withGroups(sorted);
  }

  /** EINVAL unless setgroups(2) takes {@code count} groups; EPERM first. */
  public static void checkCount(Credentials c, int count) {
    require(c.has(Credentials.CAP_SETGID));
    if (count < 0 || count > MOST_GROUPS) {
      throw Errno.EINVAL.exception();
    }
  }

  private static boolean own(Credentials c, int id) {
    return id == c.gid() || id == c.egid() || id == c.sgid();
  }

  private static void require(boolean allowed) {
    if (!allowed) {
      throw Errno.EPERM.exception();
    }
  }
}
