package io.loomvisor.kernel.syscall.admin;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.terminal.ProcessJobControl;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.tty.Terminal;

/** vhangup(2): hangs up the controlling terminal, if there is one. */
public final class TerminalHangupCall {
  private final ProcessJobControl jobs;

  public TerminalHangupCall(ProcessJobControl jobs) {
    this.jobs = jobs;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.VHANGUP, this::vhangup);
  }

  private long vhangup(Task task, SyscallArguments a) {
    if (!task.credentials().has(Credentials.CAP_SYS_TTY_CONFIG)) {
      throw Errno.EPERM.exception();
    }
    Terminal terminal = jobs.terminalOf(task.group());
    if (terminal != null) {
      terminal.hangUp();
    }
    return 0;
  }
}
