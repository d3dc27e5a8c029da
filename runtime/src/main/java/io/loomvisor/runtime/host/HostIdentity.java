package io.loomvisor.runtime.host;

/**
 * Who runs the command on the host.
 *
 * @param umask file mode creation mask
 */
public record HostIdentity(int uid, int gid, int[] groups, int umask) {
  private static final int MAX_GROUPS = 65536;

  public static HostIdentity current() {
    int count = Libc.getgroups(0, null);
    int[] groups = new int[Math.min(count, MAX_GROUPS)];
    if (count > 0) {
      Libc.getgroups(groups.length, groups);
    }
    int umask = Libc.umask(0);
    Libc.umask(umask);
    return new HostIdentity(Libc.getuid(), Libc.getgid(), groups, umask);
  }
}
