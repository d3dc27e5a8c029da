package io.loomvisor.kernel.view;

import io.loomvisor.kernel.terminal.ProcessJobControl;
import io.loomvisor.task.Scheduling;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.process.ResourceUsage;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.ptrace.Tracee;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalDispositions;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.proc.TaskStatus;
import io.loomvisor.vfs.tty.Terminal;
import java.util.BitSet;

/** Puts together what /proc/PID/stat and status show. */
final class StatusReport {
  private static final TaskStatus.Scheduling NOT_SCHEDULED =
      new TaskStatus.Scheduling(0, 0, 0, 0, new BitSet());

  private final ProcessTree processes;
  private final ThreadGroup group;
  private final int tid;
  private final long bootNanos;

  StatusReport(ProcessTree processes, ThreadGroup group, int tid, long bootNanos) {
    this.processes = processes;
    this.group = group;
    this.tid = tid;
    this.bootNanos = bootNanos;
  }

  /** {@code task} null: a zombie. */
  TaskStatus of(Task task) {
    boolean gone = task == null;
    ResourceUsage children =
        processes.group(group.id()) == group ? processes.childUsage(group) : ResourceUsage.NONE;
    TaskStatus.Use whole = use(group.usage());
    return new TaskStatus(
        new TaskStatus.Identity(
            tid,
            group.id(),
            processes.parentOf(group),
            group.processGroupId(),
            group.sessionId(),
            gone ? 0 : tracer(task)),
        gone ? "" : task.name(),
        state(task),
        gone ? Credentials.root() : task.credentials(),
        group.settings().dumpable(),
        Math.max(1, group.size()),
        terminal(),
        0,
        group.startTime() - bootNanos,
        gone ? whole : use(task.usage()),
        whole,
        use(children),
        gone ? NOT_SCHEDULED : scheduling(task),
        gone ? TaskStatus.Signals.NONE : signals(task),
        gone ? TaskStatus.Confinement.NONE : confinement(task),
        gone ? 0 : task.fileSystem().umask(),
        Signal.SIGCHLD,
        gone ? group.exitStatus() : 0,
        gone ? 0 : task.descriptors().capacity());
  }

  private TaskStatus.Terminal terminal() {
    Terminal t = new ProcessJobControl(processes).terminalOf(group);
    return t == null
        ? TaskStatus.Terminal.NONE
        : new TaskStatus.Terminal(t.device(), t.foreground());
  }

  /**
   * A process is a zombie from when its parent can wait for it, a leader while other threads go on;
   * what is still on its way there runs.
   */
  private char gone() {
    boolean zombie = processes.isZombie(group) || group.tasks().stream().anyMatch(t -> !t.ended());
    return zombie ? 'Z' : 'R';
  }

  private static int tracer(Task task) {
    Tracee tracee = task.tracee();
    return tracee == null ? 0 : tracee.tracer().threadId();
  }

  private char state(Task task) {
    if (task == null) {
      return gone();
    }
    Tracee tracee = task.tracee();
    if (tracee != null) {
      return tracee.standsStill() ? 't' : task.blocked() ? 'S' : 'R';
    }
    if (group.stopped()) {
      return 'T';
    }
    return task.blocked() ? 'S' : 'R';
  }

  private static TaskStatus.Use use(ResourceUsage u) {
    return new TaskStatus.Use(
        u.user(),
        u.system(),
        u.minorFaults(),
        u.majorFaults(),
        u.voluntarySwitches(),
        u.involuntarySwitches());
  }

  private static TaskStatus.Confinement confinement(Task task) {
    SeccompState seccomp = task.settings().seccomp();
    return new TaskStatus.Confinement(
        task.credentials().noNewPrivileges(), seccomp.mode(), seccomp.filters());
  }

  private static TaskStatus.Scheduling scheduling(Task task) {
    Scheduling s = task.scheduling();
    return new TaskStatus.Scheduling(
        s.nice(), s.policy(), s.priority(), task.context().processor(), s.affinity().toBitSet());
  }

  private TaskStatus.Signals signals(Task task) {
    long ignored = 0;
    long caught = 0;
    SignalDispositions actions = group.dispositions();
    for (int s = 1; s <= Signal.SIGRTMAX; s++) {
      long handler = actions.get(s).handler();
      if (handler == SignalAction.SIG_IGN) {
        ignored |= Signal.bit(s);
      } else if (handler != SignalAction.SIG_DFL) {
        caught |= Signal.bit(s);
      }
    }
    return new TaskStatus.Signals(
        task.signals().pending().set(),
        group.sharedPending(),
        task.signals().mask(),
        ignored,
        caught,
        group.signalQuota().queued(task.credentials().uid()),
        group.limits().soft(ResourceLimits.RLIMIT_SIGPENDING));
  }
}
