package io.loomvisor.kernel.syscall.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.loader.LoadFailure;
import io.loomvisor.kernel.loader.ProgramLoader;
import io.loomvisor.kernel.process.Exec;
import io.loomvisor.kernel.process.TaskLimits;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.signal.Signal;
import java.util.ArrayList;
import java.util.List;

/** execve(2) and execveat(2). */
public final class ExecSyscalls {
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_EMPTY_PATH = 0x1000;

  /** MAX_ARG_STRLEN: 32 pages, and the bound on the total (fs/exec.c: bprm_stack_limits). */
  private static final int MAX_ARG_STRLEN = 131072;

  private static final long MAX_TOTAL = 6L << 20;

  private final ProgramLoader loader;
  private final Exec exec;
  private final TaskLimits limits;

  public ExecSyscalls(ProgramLoader loader, Exec exec, TaskLimits limits) {
    this.loader = loader;
    this.exec = exec;
    this.limits = limits;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.EXECVE, this::execve);
    b.full(SyscallNumber.EXECVEAT, this::execveat);
  }

  private long execve(Task task, SyscallArguments a) {
    return run(task, AT_FDCWD, a.get(0), a.get(1), a.get(2), 0);
  }

  private long execveat(Task task, SyscallArguments a) {
    int flags = a.getInt(4);
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
      throw Errno.EINVAL.exception();
    }
    return run(task, a.getInt(0), a.get(1), a.get(2), a.get(3), flags);
  }

  private long run(Task task, int dirfd, long pathAddress, long argv, long envp, int flags) {
    String path = task.memory().copyInPath(pathAddress);
    limits.requireExec(task);
    long limit =
        Math.max(
            MAX_ARG_STRLEN,
            Math.min(MAX_TOTAL, task.group().limits().soft(ResourceLimits.RLIMIT_STACK) / 4));
    List<String> arguments = new ArrayList<>();
    limit = strings(task, argv, arguments, limit);
    List<String> environment = new ArrayList<>();
    strings(task, envp, environment, limit);
    try {
      exec.replace(task, loader.load(task, dirfd, path, flags, arguments, environment));
    } catch (LoadFailure e) {
      task.group().exit(Signal.SIGSEGV);
    }
    return 0;
  }

  /**
   * Reads a NULL-terminated array of strings; returns what is left of {@code room}. E2BIG, EFAULT.
   */
  private static long strings(Task task, long array, List<String> into, long room) {
    if (array == 0) {
      return room;
    }
    long left = room;
    for (long at = array; ; at += 8) {
      long pointer = task.memory().getLong(at);
      if (pointer == 0) {
        return left;
      }
      String s = argument(task, pointer);
      left -= s.length() + 1 + 8;
      if (left < 0) {
        throw Errno.E2BIG.exception();
      }
      into.add(s);
    }
  }

  /** One string; E2BIG if it is longer than MAX_ARG_STRLEN. */
  private static String argument(Task task, long pointer) {
    try {
      return task.memory().copyInString(pointer, MAX_ARG_STRLEN);
    } catch (LinuxException e) {
      throw e.errno() == Errno.ENAMETOOLONG ? Errno.E2BIG.exception() : e;
    }
  }
}
