package io.loomvisor.kernel.syscall.admin;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.time.TimeSpec;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;

/**
 * What only the host's administrator can do: EPERM also for root, as in a container that lacks the
 * capability. Errors in the arguments come first where Linux looks at them first.
 */
public final class HostOnlyCalls {
  private static final int CLOCK_REALTIME = 0;
  private static final int SWAP_FLAGS_VALID = 0x1ffff;

  public void register(SyscallTable.Builder b) {
    b.none(SyscallNumber.CLOCK_SETTIME, "the clock is the host's: EPERM", this::clockSettime);
    b.none(SyscallNumber.SETTIMEOFDAY, "the clock is the host's: EPERM", this::settimeofday);
    b.none(SyscallNumber.ACCT, "no accounting: EPERM", (t, a) -> denied());
    b.none(SyscallNumber.SWAPON, "swap is the host's: EPERM", this::swapon);
    b.none(SyscallNumber.SWAPOFF, "swap is the host's: EPERM", (t, a) -> denied());
    b.none(
        SyscallNumber.REBOOT, "the end of the first process is the end: EPERM", (t, a) -> denied());
    b.none(SyscallNumber.BPF, "EPERM, as in containers", (t, a) -> denied());
    b.none(SyscallNumber.PERF_EVENT_OPEN, "EPERM, as in containers", (t, a) -> denied());
    b.none(SyscallNumber.USERFAULTFD, "EPERM, as in containers", (t, a) -> denied());
    b.none(SyscallNumber.QUOTACTL, "no file system has quotas", this::quotactl);
  }

  private static long denied() {
    throw Errno.EPERM.exception();
  }

  /** Only CLOCK_REALTIME can be set at all. */
  private long clockSettime(Task task, SyscallArguments a) {
    if (a.getInt(0) != CLOCK_REALTIME) {
      throw Errno.EINVAL.exception();
    }
    TimeSpec.readTimespec(task.memory(), a.get(1));
    return denied();
  }

  private long settimeofday(Task task, SyscallArguments a) {
    if (a.get(0) != 0) {
      TimeSpec.readTimeval(task.memory(), a.get(0));
    }
    if (a.get(1) != 0) {
      task.memory().copyIn(a.get(1), Long.BYTES); // struct timezone
    }
    return denied();
  }

  private long swapon(Task task, SyscallArguments a) {
    if ((a.getInt(1) & ~SWAP_FLAGS_VALID) != 0) {
      throw Errno.EINVAL.exception();
    }
    return denied();
  }

  private long quotactl(Task task, SyscallArguments a) {
    if (a.get(1) != 0) {
      task.memory().copyInPath(a.get(1));
    }
    if (!task.credentials().has(Credentials.CAP_SYS_ADMIN) && a.get(1) != 0) {
      throw Errno.EPERM.exception();
    }
    throw Errno.ENODEV.exception();
  }
}
