package io.loomvisor.task.process;

import io.loomvisor.task.Task;
import io.loomvisor.task.signal.PendingSignals;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalDispositions;
import io.loomvisor.task.signal.SignalInfo;
import io.loomvisor.task.signal.SignalQuota;
import java.util.List;

/**
 * The signals of a process: its dispositions, what is pending for all of its threads, and who of
 * them is to look at it. State of the {@link ThreadGroup}'s actor, which alone calls what is not
 * said to be for others.
 */
final class GroupSignals {
  private final ResourceLimits limits;
  private final SignalQuota quota;

  /** The group's own list: threads come and go in it. */
  private final List<Task> tasks;

  private final PendingSignals pending = new PendingSignals();

  /** Shared with the processes of CLONE_SIGHAND; replaced by exec. */
  private volatile SignalDispositions actions;

  /** Set before the first task runs. */
  private volatile boolean init;

  GroupSignals(
      ResourceLimits limits, SignalQuota quota, SignalDispositions actions, List<Task> tasks) {
    this.limits = limits;
    this.quota = quota;
    this.actions = actions;
    this.tasks = tasks;
  }

  /** For any thread. */
  SignalQuota quota() {
    return quota;
  }

  /** For any thread. */
  SignalDispositions actions() {
    return actions;
  }

  void becomeInit() {
    init = true;
  }

  /** Dispositions of its own; caught signals go back to default (execve(2)). */
  void resetHandlers() {
    actions = actions.copyForExec();
  }

  /** Sets and returns the old one. A disposition that ignores drops what is pending. */
  SignalAction setAction(int signal, SignalAction action) {
    SignalAction old = actions.set(signal, action);
    if (action.ignores(signal)) {
      discard(Signal.bit(signal));
    }
    return old;
  }

  /** The disposition of a signal that is delivered now. */
  SignalAction takeAction(int signal) {
    SignalAction action = actions.get(signal);
    if (action.has(SignalAction.SA_RESETHAND) && action.catches()) {
      actions.resetAfter(signal, action);
    }
    return action;
  }

  /** Whether {@code info} does nothing because this is an init. For any thread. */
  boolean shieldedFrom(SignalInfo info) {
    if (!init || fault(info)) {
      return false;
    }
    if (info.signal() == Signal.SIGKILL || info.signal() == Signal.SIGSTOP) {
      return info.code() <= 0 && info.pid() != 0;
    }
    return actions.get(info.signal()).handler() == SignalAction.SIG_DFL;
  }

  /**
   * Whether {@code info} need not even be queued because this is an init: SIGKILL, and what nobody
   * blocks.
   *
   * @param target the one thread it is for; null for the group
   */
  boolean keptOut(SignalInfo info, Task target) {
    return shieldedFrom(info)
        && (info.signal() == Signal.SIGKILL || !blocked(info.signal(), target));
  }

  /** A signal of the processor, as SIGSEGV. */
  private static boolean fault(SignalInfo info) {
    return info.code() > 0 && info.code() != SignalInfo.SI_KERNEL;
  }

  /** What became of a signal in {@link #add}. */
  enum Added {
    IGNORED,
    /** One like it is in the queue already (signal(7): standard signals do not queue). */
    MERGED,
    QUEUED,
    /** The user's quota is used up. */
    REFUSED
  }

  /**
   * Makes a signal pending, unless it is ignored.
   *
   * @param target the one thread it is for; null for the group
   */
  Added add(SignalInfo info, Task target) {
    int signal = info.signal();
    boolean forced = target != null && fault(info);
    if (actions.get(signal).ignores(signal)
        && !blocked(signal, target)
        && !forced
        && !ThreadGroup.traced(target != null ? target : tasks.getFirst())) {
      return Added.IGNORED;
    }
    PendingSignals queue = target != null ? target.signals().pending() : pending;
    if (queue.merges(signal)) {
      return Added.MERGED;
    }
    return enter(info, queue) ? Added.QUEUED : Added.REFUSED;
  }

  /**
   * Queues a signal under RLIMIT_SIGPENDING; false if it must be refused (kernel/signal.c:
   * __send_signal_locked). Signals of kill(2) and of the kernel are never refused: beyond the limit
   * only their particulars are lost. A timer's signal has its place since the timer was made.
   */
  private boolean enter(SignalInfo info, PendingSignals queue) {
    boolean fromKernel = info.code() == SignalInfo.SI_KERNEL;
    boolean always = !Signal.realtime(info.signal()) && info.code() >= 0 || info.source() != null;
    if (always) {
      return queue.add(info);
    }
    SignalQuota.Charge charge =
        quota.charge(
            tasks.getFirst().credentials().uid(), limits.soft(ResourceLimits.RLIMIT_SIGPENDING));
    if (charge != null) {
      return queue.add(info, charge);
    }
    if (Signal.realtime(info.signal()) && !fromKernel && info.code() != SignalInfo.SI_USER) {
      return false;
    }
    queue.addBare(info.signal());
    return true;
  }

  /**
   * A fault signal that must not be blocked or ignored: the disposition is reset and the signal
   * unblocked if it is (Linux: force_sig_info).
   */
  void force(Task task, SignalInfo info) {
    int signal = info.signal();
    boolean masked = Signal.in(task.signals().mask(), signal);
    if (masked || actions.get(signal).handler() == SignalAction.SIG_IGN) {
      actions.set(signal, SignalAction.DEFAULT);
      task.signals().setMask(task.signals().mask() & ~Signal.bit(signal));
    }
    task.signals().pending().add(info);
  }

  private boolean blocked(int signal, Task target) {
    if (target != null) {
      return Signal.in(target.signals().mask(), signal);
    }
    for (Task t : tasks) {
      if (!Signal.in(t.signals().mask(), signal)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Who is to look: the target, or one thread that does not block it, the first one by preference
   * (Linux: wants_signal).
   */
  List<Task> receivers(int signal, Task target) {
    if (target != null) {
      return Signal.in(target.signals().mask(), signal) ? List.of() : List.of(target);
    }
    for (Task t : tasks) {
      if (!Signal.in(t.signals().mask(), signal) && !t.ended()) {
        return List.of(t);
      }
    }
    return List.of();
  }

  /** Drops what is pending of {@code set}, for the group and for each thread. */
  void discard(long set) {
    pending.discard(set);
    for (Task t : tasks) {
      t.signals().pending().discard(set);
    }
  }

  long pending() {
    return pending.set();
  }

  /** Pending signals that {@code task} would see, blocked ones included. */
  long pendingFor(Task task) {
    return pending.set() | task.signals().pending().set();
  }

  /** What is queued for one thread, or for the group if {@code task} is null. */
  List<SignalInfo> queued(Task task) {
    return (task != null ? task.signals().pending() : pending).queued();
  }

  /** Takes the next one of {@code wanted} out, the thread's own first; null if none. */
  SignalInfo next(Task task, long wanted) {
    SignalInfo own = task.signals().pending().take(wanted);
    return own != null ? own : pending.take(wanted);
  }
}
