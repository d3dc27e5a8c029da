package io.loomvisor.kernel.syscall.identity;

import static io.loomvisor.kernel.syscall.SyscallNumber.GETEGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETEUID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETGROUPS;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETRESGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETRESUID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETUID;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;

/** The ids of the caller. The calls that change them are not served yet. */
public final class IdentityCalls {
  public void register(SyscallTable.Builder b) {
    b.full(GETUID, (t, a) -> Integer.toUnsignedLong(t.credentials().uid()));
    b.full(GETEUID, (t, a) -> Integer.toUnsignedLong(t.credentials().euid()));
    b.full(GETGID, (t, a) -> Integer.toUnsignedLong(t.credentials().gid()));
    b.full(GETEGID, (t, a) -> Integer.toUnsignedLong(t.credentials().egid()));
    b.full(GETRESUID, IdentityCalls::getresuid);
    b.full(GETRESGID, IdentityCalls::getresgid);
    b.full(GETGROUPS, IdentityCalls::getgroups);
  }

  private static long getresuid(Task task, SyscallArguments a) {
    Credentials c = task.credentials();
    return three(task, a, c.uid(), c.euid(), c.suid());
  }

  private static long getresgid(Task task, SyscallArguments a) {
    Credentials c = task.credentials();
    return three(task, a, c.gid(), c.egid(), c.sgid());
  }

  private static long three(Task task, SyscallArguments a, int real, int effective, int saved) {
    task.memory().putInt(a.get(0), real);
    task.memory().putInt(a.get(1), effective);
    task.memory().putInt(a.get(2), saved);
    return 0;
  }

  private static long getgroups(Task task, SyscallArguments a) {
    int[] groups = task.credentials().groups();
    int room = a.getInt(0);
    if (room < 0 || room != 0 && room < groups.length) {
      throw Errno.EINVAL.exception();
    }
    for (int i = 0; room != 0 && i < groups.length; i++) {
      task.memory().putInt(a.get(1) + 4L * i, groups[i]);
    }
    return groups.length;
  }
}
