package io.loomvisor.runtime.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Who runs the command on the host.
 *
 * @param umask file mode creation mask
 */
public record HostIdentity(int uid, int gid, int[] groups, int umask) {
  private static final int NR_UMASK = 95;
  private static final int NR_GETUID = 102;
  private static final int NR_GETGID = 104;
  private static final int NR_GETGROUPS = 115;

  public static HostIdentity current() throws IOException {
    int umask = (int) Syscall.result(NR_UMASK, 0);
    Syscall.result(NR_UMASK, umask);
    int uid = (int) Syscall.result(NR_GETUID);
    return new HostIdentity(uid, (int) Syscall.result(NR_GETGID), supplementary(), umask);
  }

  private static int[] supplementary() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int count = (int) Syscall.call(arena, "getgroups", NR_GETGROUPS, 0, 0);
      MemorySegment list = arena.allocate(Math.max(1, count) * 4L, 8);
      Syscall.call(arena, "getgroups", NR_GETGROUPS, count, list.address());
      int[] groups = new int[count];
      MemorySegment.copy(list, ValueLayout.JAVA_INT, 0, groups, 0, count);
      return groups;
    }
  }
}
