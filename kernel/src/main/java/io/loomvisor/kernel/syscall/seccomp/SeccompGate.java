package io.loomvisor.kernel.syscall.seccomp;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.ptrace.TraceStops;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.task.Task;
import io.loomvisor.task.seccomp.CallData;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.task.seccomp.Verdict;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;

/** Lets a thread's calls through, or does what its filters say (kernel/seccomp.c). Stateless. */
public final class SeccompGate {
  /** What {@link #check} returns for a call that is to be served. */
  public static final long PASS = Long.MAX_VALUE;

  /** The filters have left it to the tracer, which has been asked: look at the registers again. */
  public static final long TRACED = Long.MAX_VALUE - 1;

  private static final int MAX_ERRNO = 4095;
  private static final int SYS_SECCOMP = 1;

  private SeccompGate() {}

  /**
   * {@link #PASS}, {@link #TRACED}, or what goes to RAX in place of the call.
   *
   * @param stops where the tracer is asked; null if it has been: what is its to say is a yes then
   */
  public static long check(Task task, int number, SyscallArguments a, TraceStops stops) {
    return switch (task.settings().seccomp()) {
      case SeccompState.None n -> PASS;
      case SeccompState.Strict s -> strict(task, number);
      case SeccompState.Filter f ->
          f.allows(number) ? PASS : filtered(task, number, f.answer(data(task, number, a)), stops);
    };
  }

  private static CallData data(Task task, int number, SyscallArguments a) {
    return new CallData(
        number, task.registers().rip, a.get(0), a.get(1), a.get(2), a.get(3), a.get(4), a.get(5));
  }

  private static long strict(Task task, int number) {
    boolean allowed =
        number == SyscallNumber.READ.number()
            || number == SyscallNumber.WRITE.number()
            || number == SyscallNumber.EXIT.number()
            || number == SyscallNumber.RT_SIGRETURN.number();
    if (allowed) {
      return PASS;
    }
    endThread(task, Signal.SIGKILL);
    return number;
  }

  private static long filtered(Task task, int number, int answer, TraceStops stops) {
    int data = Verdict.data(answer);
    switch (Verdict.action(answer)) {
      case Verdict.ALLOW, Verdict.LOG -> {
        return PASS;
      }
      case Verdict.ERRNO -> {
        return -Math.min(data, MAX_ERRNO);
      }
      case Verdict.TRACE -> {
        if (stops == null) {
          return PASS;
        }
        return stops.seccomp(task, data) ? TRACED : Errno.ENOSYS.result();
      }
      case Verdict.USER_NOTIF -> {
        return Errno.ENOSYS.result(); // nobody listens
      }
      case Verdict.TRAP -> {
        task.group().force(task, info(task, number, data));
        return number;
      }
      case Verdict.KILL_THREAD -> {
        if (task.group().alone()) {
          task.group().exit(Signal.SIGSYS);
        } else {
          endThread(task, Signal.SIGSYS);
        }
        return number;
      }
      default -> {
        task.group().exit(Signal.SIGSYS);
        return number;
      }
    }
  }

  /** This thread alone ends; if it is the last one, as if by that signal. */
  private static void endThread(Task task, int signal) {
    task.group().setStatusOfLastThread(signal);
    task.end(signal);
  }

  private static SignalInfo info(Task task, int number, int data) {
    return new SignalInfo(
        Signal.SIGSYS,
        data,
        SYS_SECCOMP,
        0,
        0,
        number & 0xffff_ffffL | (long) CallData.ARCHITECTURE << 32,
        task.registers().rip);
  }
}
