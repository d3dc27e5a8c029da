package io.loomvisor.kernel.syscall;

import io.loomvisor.task.Task;

/** The code of one syscall: checks arguments and asks the owner. */
@FunctionalInterface
public interface Syscall {
  /**
   * @return what goes to RAX; errors are thrown as {@link io.loomvisor.gofer.abi.LinuxException}
   */
  long call(Task task, SyscallArguments arguments);
}
