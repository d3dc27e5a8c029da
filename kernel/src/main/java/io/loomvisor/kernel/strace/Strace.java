package io.loomvisor.kernel.strace;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.task.Task;
import java.util.function.Consumer;

/** Writes one line per syscall to a sink: name, arguments in hexadecimal, result. Any task thread; the sink must allow that. */
public final class Strace {
  private static final int ARGUMENTS = 6;

  private final Consumer<String> sink;

  public Strace(Consumer<String> sink) {
    this.sink = sink;
  }

  /** Before the syscall runs: only those that may not come back are worth a line of their own. */
  public void enter(Task task, int number, SyscallArguments arguments) {
    if (number == SyscallNumber.EXIT.number() || number == SyscallNumber.EXIT_GROUP.number()) {
      sink.accept(call(task, number, arguments) + " = ?");
    }
  }

  public void exit(Task task, int number, SyscallArguments arguments, long result) {
    sink.accept(call(task, number, arguments) + " = " + result(result));
  }

  private static String call(Task task, int number, SyscallArguments arguments) {
    SyscallNumber known = SyscallNumber.of(number);
    StringBuilder line = new StringBuilder("[pid ").append(task.threadId()).append("] ");
    line.append(known == null ? "syscall_" + Integer.toHexString(number) : known.linuxName()).append('(');
    for (int i = 0; i < ARGUMENTS; i++) {
      line.append(i == 0 ? "0x" : ", 0x").append(Long.toHexString(arguments.get(i)));
    }
    return line.append(')').toString();
  }

  /** As strace prints results: errors by name. */
  static String result(long result) {
    if (result < 0 && result >= -4095) {
      return "-1 " + Errno.of((int) -result).name();
    }
    return result < 0 ? "0x" + Long.toHexString(result) : Long.toString(result);
  }
}
