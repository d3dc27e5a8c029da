package io.loomvisor.kernel.syscall.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.platform.Platform;
import io.loomvisor.task.Task;

/** State of one thread: set_tid_address(2), arch_prctl(2). */
public final class ThreadSyscalls {
  private static final int ARCH_SET_GS = 0x1001;
  private static final int ARCH_SET_FS = 0x1002;
  private static final int ARCH_GET_FS = 0x1003;
  private static final int ARCH_GET_GS = 0x1004;

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.SET_TID_ADDRESS, this::setTidAddress);
    b.partial(SyscallNumber.ARCH_PRCTL, "FS and GS bases", this::archPrctl);
  }

  private long setTidAddress(Task task, SyscallArguments a) {
    task.pointers().setClearChildTid(a.get(0));
    return task.threadId();
  }

  private long archPrctl(Task task, SyscallArguments a) {
    switch (a.getInt(0)) {
      case ARCH_SET_FS -> task.registers().fsBase = base(a.get(1));
      case ARCH_SET_GS -> task.registers().gsBase = base(a.get(1));
      case ARCH_GET_FS -> task.memory().putLong(a.get(1), task.registers().fsBase);
      case ARCH_GET_GS -> task.memory().putLong(a.get(1), task.registers().gsBase);
      default -> throw Errno.EINVAL.exception();
    }
    return 0;
  }

  private static long base(long address) {
    if (Long.compareUnsigned(address, Platform.MAX_USER_ADDRESS) >= 0) {
      throw Errno.EPERM.exception();
    }
    return address;
  }
}
