package io.loomvisor.kernel.syscall;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.debug.CallTrace;
import io.loomvisor.kernel.jfr.SyscallEvent;
import io.loomvisor.kernel.ptrace.TraceStops;
import io.loomvisor.kernel.strace.Strace;
import io.loomvisor.kernel.syscall.seccomp.SeccompGate;
import io.loomvisor.platform.PolledCalls;
import io.loomvisor.platform.Registers;
import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.task.NotAside;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.Refusals;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the syscall in a task's registers. The result is in RAX afterwards; restart codes (-512 to
 * -516) stay there for signal delivery, which finds the number in {@link Task#syscallNumber}.
 */
public final class SyscallDispatcher {
  /**
   * What a handler returns that has replaced the registers itself (sigreturn, execve): RAX is left
   * alone.
   */
  public static final long NO_RESULT = Long.MIN_VALUE;

  private static final Logger LOG = LoggerFactory.getLogger(SyscallDispatcher.class);

  /**
   * Programs whose missing syscalls are remembered; beyond that nothing is logged, so that it
   * cannot grow on demand.
   */
  private static final int MAX_REPORTED = 4096;

  /** Calls that are not there since they are for the kernel of a machine. */
  private static final Set<SyscallNumber> HOST_ONLY =
      EnumSet.of(
          SyscallNumber.INIT_MODULE,
          SyscallNumber.FINIT_MODULE,
          SyscallNumber.DELETE_MODULE,
          SyscallNumber.KEXEC_LOAD,
          SyscallNumber.KEXEC_FILE_LOAD,
          SyscallNumber.IOPL,
          SyscallNumber.IOPERM);

  private final SyscallTable table;
  private final TraceStops stops;
  private final CallTrace trace;
  private final Set<String> reported = ConcurrentHashMap.newKeySet();

  /**
   * @param stops of traced tasks
   */
  public SyscallDispatcher(SyscallTable table, TraceStops stops, CallTrace trace) {
    this.table = table;
    this.stops = stops;
    this.trace = trace;
  }

  public SyscallTable table() {
    return table;
  }

  /** Serves one syscall. */
  public void dispatch(Task task) {
    Registers r = task.registers();
    // The kernel looks at the low half only (arch/x86/entry/common.c: do_syscall_x64 takes an int).
    int number = (int) r.rax;
    SyscallArguments arguments = new SyscallArguments();
    boolean watched = task.watched();
    if (watched && task.tracee() != null) {
      dispatchForTracer(task, arguments);
      return;
    }
    arguments.load(r);
    task.setSyscallNumber(number);
    Strace strace = trace.now();
    if (strace != null) {
      finish(task, serveLogged(strace, task, number, arguments));
      return;
    }
    finish(
        task,
        Recording.POSSIBLE
            ? serveRecorded(task, number, arguments)
            : watched ? serveFiltered(task, number, arguments) : serve(task, number, arguments));
  }

  private long serveRecorded(Task task, int number, SyscallArguments arguments) {
    SyscallEvent event = new SyscallEvent();
    event.begin();
    long result = serveFiltered(task, number, arguments);
    event.finish(task, number, result == NO_RESULT ? task.registers().rax : result);
    return result;
  }

  private long serveLogged(Strace strace, Task task, int number, SyscallArguments arguments) {
    strace.enter(task, number, arguments);
    long result =
        Recording.POSSIBLE
            ? serveRecorded(task, number, arguments)
            : serveFiltered(task, number, arguments);
    // What has replaced the registers has left the result there.
    strace.exit(task, number, arguments, result == NO_RESULT ? task.registers().rax : result);
    return result;
  }

  /**
   * A traced task may stop at both ends of the call, and its tracer change everything there
   * (kernel/entry/common.c: syscall_trace_enter, syscall_exit_work). Until there is a result RAX
   * says ENOSYS, as it does under Linux, and a call number of -1 leaves it at what the tracer puts
   * there.
   */
  private void dispatchForTracer(Task task, SyscallArguments arguments) {
    Registers r = task.registers();
    task.setSyscallNumber(r.rax);
    r.rax = Errno.ENOSYS.result();
    task.requestAttention();
    if (!stops.callEntry(task)) {
      return;
    }
    long original = task.syscallNumber();
    if ((int) original != -1) {
      arguments.load(r);
      Strace strace = trace.now();
      long result =
          strace != null
              ? serveLogged(strace, task, (int) original, arguments)
              : serveFiltered(task, (int) original, arguments);
      if (result != NO_RESULT) {
        r.rax = result;
        task.setSyscallNumber(original);
      }
    }
    stops.callExit(task);
  }

  private static void finish(Task task, long result) {
    if (result == NO_RESULT) {
      return;
    }
    task.registers().rax = result;
    if (restarts(result)) {
      task.requestAttention();
    } else if (result == Errno.EINTR.result()) {
      // What interrupted it is looked at before the application sees that.
      task.requestAttention();
    } else if (!task.attention()) {
      task.setSyscallNumber(-1);
    }
  }

  private long serveFiltered(Task task, int number, SyscallArguments arguments) {
    long instead = SeccompGate.check(task, number, arguments, stops);
    if (instead == SeccompGate.TRACED) {
      return serveAsTracerSays(task, arguments);
    }
    if (instead != SeccompGate.PASS) {
      task.setSyscallNumber(-1); // whatever a filter answers is no reason to run the call again
      return instead;
    }
    return serve(task, number, arguments);
  }

  /**
   * A filter has left the call to the tracer, who may have made another one of it, which the
   * filters see too (kernel/seccomp.c: SECCOMP_RET_TRACE).
   */
  private long serveAsTracerSays(Task task, SyscallArguments arguments) {
    int number = (int) task.syscallNumber();
    if (number < 0 || task.mustEnd()) {
      return task.registers().rax;
    }
    arguments.load(task.registers());
    long instead = SeccompGate.check(task, number, arguments, null);
    return instead == SeccompGate.PASS ? serve(task, number, arguments) : instead;
  }

  private long serve(Task task, int number, SyscallArguments arguments) {
    SyscallTable.Entry entry = table.entry(number);
    if (entry == null || entry.handler() == null) {
      reportMissing(task, number);
      return Errno.ENOSYS.result();
    }
    if (entry.quick()) {
      task.countPollable();
    }
    try {
      return entry.handler().call(task, arguments);
    } catch (LinuxException e) {
      if (entry.support() == SyscallTable.Support.NONE) {
        Refusals.report(task.threadGroupId(), entry.number().linuxName());
      }
      return e.errno().result();
    }
  }

  /**
   * Serves a call on another thread than the task's, if it is one for that. Everything comes out of
   * memory that the application can write.
   */
  public long dispatchPolled(Task task, int number, SyscallArguments arguments) {
    SyscallTable.Entry entry = table.entry(number);
    if (entry == null || !entry.quick() || trace.on() || task.watched()) {
      return PolledCalls.DECLINED;
    }
    try {
      long result = entry.handler().call(task, arguments);
      return restarts(result) ? PolledCalls.DECLINED : result;
    } catch (LinuxException e) {
      // A call that is to be restarted has not taken effect.
      return restarts(e.errno().result()) ? PolledCalls.DECLINED : e.errno().result();
    } catch (NotAside e) {
      return PolledCalls.DECLINED;
    }
  }

  private static boolean restarts(long result) {
    return result <= Errno.ERESTARTSYS.result() && result >= Errno.ERESTART_RESTARTBLOCK.result();
  }

  private void reportMissing(Task task, int number) {
    SyscallNumber known = SyscallNumber.of(number);
    String name = known == null ? "syscall_" + Integer.toUnsignedString(number) : known.linuxName();
    if (reported.size() < MAX_REPORTED && reported.add(task.name() + '\0' + name)) {
      // No format string: MessageFormat would load locale data, and names are the application's.
      LOG.info("{}: {} is not implemented", task.name(), name);
      if (known != null && HOST_ONLY.contains(known)) {
        Refusals.report(task.threadGroupId(), name);
      }
    }
  }
}
