package io.loomvisor.kernel.syscall;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.debug.CallTrace;
import io.loomvisor.kernel.jfr.SyscallEvent;
import io.loomvisor.kernel.strace.Strace;
import io.loomvisor.kernel.syscall.seccomp.SeccompGate;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.PolledCalls;
import io.loomvisor.platform.Registers;
import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.task.Task;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.vfs.Refusals;
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

  private final SyscallTable table;
  private final CallTrace trace;
  private final Set<String> reported = ConcurrentHashMap.newKeySet();

  public SyscallDispatcher(SyscallTable table, CallTrace trace) {
    this.table = table;
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
    arguments.load(r);
    task.setSyscallNumber(number);
    Strace strace = trace.now();
    if (strace != null) {
      dispatchTraced(strace, task, number, arguments);
      return;
    }
    finish(
        task,
        Recording.POSSIBLE
            ? serveRecorded(task, number, arguments)
            : serve(task, number, arguments));
  }

  private long serveRecorded(Task task, int number, SyscallArguments arguments) {
    SyscallEvent event = new SyscallEvent();
    event.begin();
    long result = serve(task, number, arguments);
    event.finish(task, number, result == NO_RESULT ? task.registers().rax : result);
    return result;
  }

  private void dispatchTraced(Strace strace, Task task, int number, SyscallArguments arguments) {
    strace.enter(task, number, arguments);
    long result =
        Recording.POSSIBLE
            ? serveRecorded(task, number, arguments)
            : serve(task, number, arguments);
    // What has replaced the registers has left the result there.
    strace.exit(task, number, arguments, result == NO_RESULT ? task.registers().rax : result);
    finish(task, result);
  }

  private static void finish(Task task, long result) {
    if (result == NO_RESULT) {
      return;
    }
    task.registers().rax = result;
    if (result <= Errno.ERESTARTSYS.result() && result >= Errno.ERESTART_RESTARTBLOCK.result()) {
      task.requestAttention();
    } else if (result == Errno.EINTR.result()) {
      // What interrupted it is looked at before the application sees that.
      task.requestAttention();
    } else if (!task.attention()) {
      task.setSyscallNumber(-1);
    }
  }

  private long serve(Task task, int number, SyscallArguments arguments) {
    long instead = SeccompGate.check(task, number, arguments);
    if (instead != SeccompGate.PASS) {
      task.setSyscallNumber(-1); // whatever a filter answers is no reason to run the call again
      return instead;
    }
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
    if (entry == null
        || !entry.quick()
        || trace.on()
        || task.settings().seccomp() != SeccompState.NONE) {
      return PolledCalls.DECLINED;
    }
    try {
      return entry.handler().call(task, arguments);
    } catch (LinuxException e) {
      return e.errno() == Errno.EFAULT || e.errno() == Errno.ENOMEM
          ? PolledCalls.DECLINED
          : e.errno().result();
    } catch (MemoryFile.OutOfMemoryException e) {
      return PolledCalls.DECLINED;
    }
  }

  private void reportMissing(Task task, int number) {
    SyscallNumber known = SyscallNumber.of(number);
    String name = known == null ? "syscall_" + Integer.toUnsignedString(number) : known.linuxName();
    if (reported.size() < MAX_REPORTED && reported.add(task.name() + '\0' + name)) {
      // No format string: MessageFormat would load locale data, and names are the application's.
      LOG.info("{}: {} is not implemented", task.name(), name);
      Refusals.report(task.threadGroupId(), name);
    }
  }
}
