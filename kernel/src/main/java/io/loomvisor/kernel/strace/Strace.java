package io.loomvisor.kernel.strace;

import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.SignalInfo;
import java.util.function.Consumer;

/**
 * Tells what tasks do, in strace(1)'s own format. Every method is called on the task's own thread
 * while it holds no actor, as application memory is read. A task traced is not disturbed: what
 * cannot be read is printed as an address.
 */
public final class Strace {
  private static final int ARGUMENTS = 6;
  private static final int CORE_DUMPED = 0x80;

  private final StraceLog log;

  /**
   * @param sink takes the lines, one at a time, in order
   */
  public Strace(Consumer<String> sink) {
    this.log = new StraceLog(sink);
  }

  /** Before the syscall runs. */
  public void enter(Task task, int number, SyscallArguments arguments) {
    log.entered(task.threadId(), new Line(number).entry(call(task, arguments)), task::blocked);
  }

  /** It has returned; {@code result} is what the application gets, or a restart code. */
  public void exit(Task task, int number, SyscallArguments arguments, long result) {
    if (number == SyscallNumber.EXIT.number() || number == SyscallNumber.EXIT_GROUP.number()) {
      log.returned(task.threadId(), new Line(number).name(), ") = ?");
      return;
    }
    Line line = new Line(number);
    log.returned(task.threadId(), line.name(), line.exit(call(task, arguments).returning(result)));
  }

  /** A signal is about to be acted on. */
  public void signal(Task task, SignalInfo info) {
    StringBuilder out = new StringBuilder("--- ");
    SignalText.appendSignal(out, info.signal());
    out.append(' ');
    SignalText.info(out, info);
    log.said(task.threadId(), out.append(" ---").toString());
  }

  /** The task has ended; {@code status} as wait(2) gives it. */
  public void exited(Task task, int status) {
    StringBuilder out = new StringBuilder("+++ ");
    if ((status & 0x7f) == 0) {
      out.append("exited with ").append(status >> 8 & 0xff);
    } else {
      out.append("killed by ");
      SignalText.appendSignal(out, status & 0x7f);
      out.append((status & CORE_DUMPED) != 0 ? " (core dumped)" : "");
    }
    log.ended(task.threadId(), out.append(" +++").toString());
  }

  private static Call call(Task task, SyscallArguments arguments) {
    long[] values = new long[ARGUMENTS];
    for (int i = 0; i < ARGUMENTS; i++) {
      values[i] = arguments.get(i);
    }
    return new Call(values, Peek.of(task.memory()), 0, false);
  }
}
