package io.loomvisor.kernel.ptrace;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.Registers;
import io.loomvisor.task.Task;
import io.loomvisor.task.ptrace.Ptrace;
import io.loomvisor.task.ptrace.Resumption;
import io.loomvisor.task.ptrace.Stop;
import io.loomvisor.task.ptrace.Tracee;
import io.loomvisor.task.ptrace.Tracing;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.util.function.Function;

/**
 * The stops of a traced task. Each method does nothing for one that nobody traces, or whose tracer
 * has not asked for that stop.
 */
public final class TraceStops {
  private static final long TRAP_FLAG = 1 << 8;

  private final Tracing tracing;

  public TraceStops(Tracing tracing) {
    this.tracing = tracing;
  }

  private Resumption stop(Task task, Stop stop) {
    return stop(task, t -> tracing.stop(t, stop));
  }

  private static Resumption stop(Task task, Function<Task, Resumption> standStill) {
    Tracee tracee = task.tracee();
    Resumption r = standStill.apply(task);
    if (tracee != null) {
      boolean step = task.tracee() == tracee && tracee.mode() == Tracee.Mode.STEP;
      setStepping(task, tracee, step);
    }
    return r;
  }

  /** user_enable_single_step(): a trap flag that the application has set stays its own. */
  private static void setStepping(Task task, Tracee tracee, boolean on) {
    Registers r = task.registers();
    if (on && (r.rflags & TRAP_FLAG) == 0) {
      r.rflags |= TRAP_FLAG;
      tracee.setTrapFlagForced(true);
    } else if (!on && tracee.trapFlagForced()) {
      r.rflags &= ~TRAP_FLAG;
      tracee.setTrapFlagForced(false);
    }
  }

  // ---------------------------------------------------------------- calls

  /** Before a call; false if the task has been killed, so that the call must not begin. */
  public boolean callEntry(Task task) {
    return atCall(task, true);
  }

  /** After a call, with its result in RAX. */
  public void callExit(Task task) {
    Tracee tracee = task.tracee();
    if (tracee == null || task.ending()) {
      return;
    }
    if (tracee.mode() == Tracee.Mode.STEP) {
      // The instruction stepped over was SYSCALL (ptrace_report_syscall_exit).
      task.group()
          .force(
              task, SignalInfo.fault(Signal.SIGTRAP, SignalInfo.TRAP_BRKPT, task.registers().rip));
    }
    atCall(task, false);
  }

  private boolean atCall(Task task, boolean entry) {
    Tracee tracee = task.tracee();
    if (tracee == null || tracee.mode() != Tracee.Mode.SYSCALL) {
      return true;
    }
    Resumption r = stop(task, Stop.call(task, entry, tracee.has(Ptrace.O_TRACESYSGOOD)));
    if (r.signal() != 0) {
      task.group().send(SignalInfo.kernel(r.signal()), task);
    }
    return !task.mustEnd();
  }

  /**
   * A filter leaves the call to a tracer (SECCOMP_RET_TRACE).
   *
   * @return whether there is one that wants to know
   */
  public boolean seccomp(Task task, int data) {
    Tracee tracee = task.tracee();
    if (tracee == null || !tracee.has(Ptrace.O_TRACESECCOMP)) {
      return false;
    }
    stopForEvent(task, Ptrace.EVENT_SECCOMP, data);
    return true;
  }

  // ---------------------------------------------------------------- events

  private static boolean wants(Task task, int event) {
    Tracee tracee = task.tracee();
    return tracee != null && tracee.has(Ptrace.optionFor(event));
  }

  /**
   * Which event a clone is, 0 if the tracer does not want to know (kernel/fork.c: kernel_clone).
   */
  public static int cloneEvent(Task task, boolean vfork, int exitSignal) {
    if (task.tracee() == null) {
      return 0;
    }
    int event =
        vfork
            ? Ptrace.EVENT_VFORK
            : exitSignal == Signal.SIGCHLD ? Ptrace.EVENT_FORK : Ptrace.EVENT_CLONE;
    return wants(task, event) ? event : 0;
  }

  public void cloned(Task task, int event, int child) {
    stopForEvent(task, event, child);
  }

  public void vforkDone(Task task, int child) {
    if (wants(task, Ptrace.EVENT_VFORK_DONE)) {
      stopForEvent(task, Ptrace.EVENT_VFORK_DONE, child);
    }
  }

  /**
   * execve(2) has succeeded. One that has not been seized sends itself a SIGTRAP if its tracer has
   * not asked for the event.
   *
   * @param call execve or execveat, which has no result yet
   */
  public void executed(Task task, int formerId, long call) {
    Tracee tracee = task.tracee();
    if (tracee == null) {
      return;
    }
    if (tracee.has(Ptrace.O_TRACEEXEC)) {
      task.setSyscallNumber(call);
      task.registers().rax = Errno.ENOSYS.result();
      stopForEvent(task, Ptrace.EVENT_EXEC, formerId);
    } else if (!tracee.seized()) {
      int user = task.credentials().uid();
      task.group()
          .send(
              SignalInfo.from(Signal.SIGTRAP, SignalInfo.SI_USER, task.threadGroupId(), user, 0),
              task);
    }
  }

  /** It is about to end; nothing has been given up yet. */
  public void exiting(Task task) {
    if (wants(task, Ptrace.EVENT_EXIT)) {
      stopForEvent(task, Ptrace.EVENT_EXIT, task.exitStatus());
    }
  }

  private void stopForEvent(Task task, int event, long message) {
    Resumption r = stop(task, Stop.event(task, event, message));
    if (r.signal() != 0 && event != Ptrace.EVENT_EXIT) {
      task.group().send(SignalInfo.kernel(r.signal()), task);
    }
  }

  // ---------------------------------------------------------------- signals and job control

  /** Its group is stopped. */
  public void groupStopped(Task task) {
    Tracee tracee = task.tracee();
    if (tracee != null && tracee.seized()) {
      trapped(task);
    } else if (tracee != null) {
      stop(task, Stop.group(task.group().stopSignal()));
    }
  }

  /** PTRACE_INTERRUPT, or a change of job control (kernel/signal.c: do_jobctl_trap). */
  public void trapped(Task task) {
    stop(task, tracing::trap);
  }

  /**
   * Before a signal is delivered (ptrace_signal()).
   *
   * @return the one that is to be delivered in its place; null for none
   */
  public SignalInfo signal(Task task, SignalInfo info) {
    Resumption r = stop(task, Stop.signal(info));
    switch (r.outcome()) {
      case NOT_TRACED -> {
        return info;
      }
      case KILLED -> {
        return null;
      }
      case RESUMED -> {}
    }
    if (r.signal() == 0) {
      return null;
    }
    SignalInfo chosen =
        r.signal() == r.info().signal()
            ? r.info()
            : SignalInfo.from(r.signal(), SignalInfo.SI_USER, r.tracer(), r.tracerUser(), 0);
    if (Signal.in(task.signals().mask(), chosen.signal())) {
      task.group().send(chosen, task);
      return null;
    }
    return chosen;
  }

  /** Before the frame of a handler is built: it must not keep the tracer's trap flag. */
  public boolean enteringHandler(Task task) {
    Tracee tracee = task.tracee();
    if (tracee == null || tracee.mode() != Tracee.Mode.STEP) {
      return false;
    }
    setStepping(task, tracee, false);
    return true;
  }

  /** A step has led to the first instruction of a handler (kernel/signal.c: signal_delivered). */
  public void steppedIntoHandler(Task task) {
    stop(task, Stop.step(task));
  }
}
