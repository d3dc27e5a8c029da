package io.loomvisor.kernel.syscall.ptrace;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.credential.PtraceAccess;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.platform.CpuFeatures;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.ptrace.Ptrace;
import io.loomvisor.task.ptrace.Tracee;
import io.loomvisor.task.ptrace.Tracing;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.util.List;

/** ptrace(2): who traces whom, and how tracees go on (kernel/ptrace.c). */
public final class PtraceCall {
  private final ProcessTree processes;
  private final Tracing tracing;
  private final TraceeState state;

  /**
   * @param cpu what register sets there are
   */
  public PtraceCall(ProcessTree processes, CpuFeatures cpu) {
    this.processes = processes;
    this.tracing = processes.tracing();
    this.state = new TraceeState(new RegisterSets(cpu));
  }

  public void register(SyscallTable.Builder b) {
    b.partial(
        SyscallNumber.PTRACE,
        "no hardware breakpoints (ENOSPC), segment selectors cannot be changed (EIO); no SYSEMU,"
            + " SYSEMU_SINGLESTEP, SINGLEBLOCK, SECCOMP_GET_FILTER, SECCOMP_GET_METADATA,"
            + " GET_RSEQ_CONFIGURATION, SET_SYSCALL_INFO, PTRACE_O_SUSPEND_SECCOMP",
        this::ptrace);
  }

  private long ptrace(Task task, SyscallArguments a) {
    PtraceRequest request = PtraceRequest.of(a.get(0));
    if (request == PtraceRequest.TRACEME) {
      return traceMe(task);
    }
    Task target = processes.task(a.getInt(1));
    if (target == null) {
      throw Errno.ESRCH.exception();
    }
    long address = a.get(2);
    long data = a.get(3);
    switch (request) {
      case null -> tracing.inspect(target, task, PtraceCall::refuse);
      case ATTACH -> attach(task, target);
      case SEIZE -> seize(task, target, address, data);
      case INTERRUPT -> tracing.interrupt(target, task);
      case KILL -> kill(task, target);
      case LISTEN -> tracing.listen(target, task);
      case DETACH -> tracing.detach(target, task, data);
      case CONT -> tracing.resume(target, task, Tracee.Mode.CONTINUE, data);
      case SYSCALL -> tracing.resume(target, task, Tracee.Mode.SYSCALL, data);
      case SINGLESTEP -> tracing.resume(target, task, Tracee.Mode.STEP, data);
      case SETOPTIONS -> tracing.inspect(target, task, t -> setOptions(t, data));
      case SETSIGINFO -> {
        SignalInfo info = state.copyInInfo(task, data);
        tracing.inspect(target, task, t -> setInfo(t, info));
      }
      default -> {
        return tracing.inspect(target, task, t -> state.serve(request, task, t, address, data));
      }
    }
    return 0;
  }

  /** As Linux refuses a request that it does not know, once the target has been found. */
  private static Void refuse(Tracee t) {
    throw Errno.EIO.exception();
  }

  /** The parent is the thread that has made this process, as long as it lives. */
  private long traceMe(Task task) {
    int parentId = processes.parentOf(task.group());
    ThreadGroup parent = processes.group(parentId);
    if (parent == null) {
      throw Errno.EPERM.exception(); // nobody in the sandbox
    }
    Task tracer = processes.task(task.group().makerThread());
    if (tracer == null || tracer.group() != parent) {
      List<Task> threads = parent.tasks();
      if (threads.isEmpty()) {
        throw Errno.EPERM.exception();
      }
      tracer = threads.getFirst();
    }
    tracing.attach(task, tracer, false, 0);
    return 0;
  }

  private void attach(Task task, Task target) {
    requireAccess(task, target);
    tracing.attach(target, task, false, 0);
    processes.send(target.group(), SignalInfo.kernel(Signal.SIGSTOP), target);
  }

  private void seize(Task task, Task target, long address, long options) {
    if (address != 0) {
      throw Errno.EIO.exception();
    }
    if ((options & ~(long) Ptrace.O_MASK) != 0) {
      throw Errno.EIO.exception();
    }
    requireAccess(task, target);
    tracing.attach(target, task, true, (int) options);
  }

  private static void requireAccess(Task task, Task target) {
    if (task.group() == target.group() || target.neverRuns()) {
      throw Errno.EPERM.exception();
    }
    PtraceAccess.check(task, target);
  }

  private static int checkedOptions(long options) {
    if ((options & ~(long) Ptrace.O_MASK) != 0) {
      throw Errno.EINVAL.exception();
    }
    return (int) options;
  }

  private Void setOptions(Tracee t, long options) {
    tracing.setOptions(t, checkedOptions(options));
    return null;
  }

  private Void setInfo(Tracee t, SignalInfo info) {
    tracing.setInfo(t, info);
    return null;
  }

  private void kill(Task task, Task target) {
    tracing.requireTraced(target, task);
    SignalInfo info =
        SignalInfo.from(
            Signal.SIGKILL, SignalInfo.SI_USER, task.threadGroupId(), task.credentials().uid(), 0);
    processes.send(target.group(), info, target);
  }
}
