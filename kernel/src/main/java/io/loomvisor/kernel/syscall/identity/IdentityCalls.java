package io.loomvisor.kernel.syscall.identity;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETEGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETEUID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETGROUPS;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETRESGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETRESUID;
import static io.loomvisor.kernel.syscall.SyscallNumber.GETUID;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETFSGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETFSUID;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETGROUPS;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETREGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETRESGID;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETRESUID;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETREUID;
import static io.loomvisor.kernel.syscall.SyscallNumber.SETUID;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.credential.GroupIds;
import io.loomvisor.kernel.credential.UserIds;
import io.loomvisor.kernel.process.TaskLimits;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.vfs.Credentials;

/** The ids and capabilities of the caller. */
public final class IdentityCalls {
  private final ProcessTree processes;
  private final TaskLimits limits;

  public IdentityCalls(ProcessTree processes, TaskLimits limits) {
    this.processes = processes;
    this.limits = limits;
  }

  public void register(SyscallTable.Builder b) {
    b.full(GETUID, (t, a) -> Integer.toUnsignedLong(t.credentials().uid()));
    b.full(GETEUID, (t, a) -> Integer.toUnsignedLong(t.credentials().euid()));
    b.full(GETGID, (t, a) -> Integer.toUnsignedLong(t.credentials().gid()));
    b.full(GETEGID, (t, a) -> Integer.toUnsignedLong(t.credentials().egid()));
    b.full(GETRESUID, quick(IdentityCalls::getresuid));
    b.full(GETRESGID, quick(IdentityCalls::getresgid));
    b.full(GETGROUPS, quick(IdentityCalls::getgroups));
    b.full(SETUID, (t, a) -> setUser(t, UserIds.setuid(t.credentials(), a.getInt(0))));
    b.full(
        SETREUID,
        (t, a) -> setUser(t, UserIds.setreuid(t.credentials(), a.getInt(0), a.getInt(1))));
    b.full(
        SETRESUID,
        (t, a) ->
            setUser(t, UserIds.setresuid(t.credentials(), a.getInt(0), a.getInt(1), a.getInt(2))));
    b.full(SETFSUID, IdentityCalls::setfsuid);
    b.full(SETGID, (t, a) -> set(t, GroupIds.setgid(t.credentials(), a.getInt(0))));
    b.full(
        SETREGID, (t, a) -> set(t, GroupIds.setregid(t.credentials(), a.getInt(0), a.getInt(1))));
    b.full(
        SETRESGID,
        (t, a) ->
            set(t, GroupIds.setresgid(t.credentials(), a.getInt(0), a.getInt(1), a.getInt(2))));
    b.full(SETFSGID, IdentityCalls::setfsgid);
    b.full(SETGROUPS, IdentityCalls::setgroups);
    new CapabilityCalls(processes).register(b);
    new PrctlCall(processes).register(b);
  }

  private long setUser(Task task, Credentials now) {
    if (now.uid() != task.credentials().uid()) {
      limits.userChanges(task, now.uid());
    }
    return set(task, now);
  }

  private static long set(Task task, Credentials now) {
    Credentials old = task.credentials();
    task.setCredentials(now);
    if (now.euid() != old.euid() || now.egid() != old.egid() || now.fsuid() != old.fsuid()) {
      task.group().settings().setDumpable(false); // kernel/cred.c: commit_creds
    }
    return 0;
  }

  private static long setfsuid(Task task, SyscallArguments a) {
    int old = task.credentials().fsuid();
    set(task, UserIds.setfsuid(task.credentials(), a.getInt(0)));
    return Integer.toUnsignedLong(old);
  }

  private static long setfsgid(Task task, SyscallArguments a) {
    int old = task.credentials().fsgid();
    set(task, GroupIds.setfsgid(task.credentials(), a.getInt(0)));
    return Integer.toUnsignedLong(old);
  }

  private static long setgroups(Task task, SyscallArguments a) {
    int count = a.getInt(0);
    GroupIds.checkCount(task.credentials(), count);
    int[] groups = new int[count];
    for (int i = 0; i < count; i++) {
      groups[i] = task.memory().getInt(a.get(1) + 4L * i);
    }
    return set(task, GroupIds.setgroups(task.credentials(), groups));
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
