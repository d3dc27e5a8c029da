package io.loomvisor.task.process;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.PendingSignals;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalDispositions;
import io.loomvisor.task.signal.SignalInfo;
import io.loomvisor.task.signal.SignalQuota;
import java.util.ArrayList;
import java.util.List;

/**
 * A process: its threads, signal dispositions and pending signals, stop and exit state. Parents,
 * process groups and sessions belong to the {@link ProcessTree}; the ids here are copies for quick
 * reading.
 */
public final class ThreadGroup extends Actor {
  /** Anonymous memory, ELF headers and private huge pages (core(5)). */
  private static final int DEFAULT_COREDUMP_FILTER = 0x33;

  /** What a task finds when it looks for signals before returning to the application. */
  public sealed interface Due {
    /** Nothing to do. */
    record Nothing() implements Due {}

    /** The whole group is exiting, or the thread is asked to end (execve by a sibling). */
    record Exit() implements Due {}

    /** The group is stopped: sleep until continued. */
    record Stop() implements Due {}

    /** Deliver this signal with this disposition. */
    record Deliver(SignalInfo info, SignalAction action) implements Due {}
  }

  private static final Due NOTHING = new Due.Nothing();
  private static final Due EXIT = new Due.Exit();
  private static final Due STOP = new Due.Stop();

  private final int id;
  private final ResourceLimits limits;
  private final WaitQueue childEvents = new WaitQueue();
  private final WaitQueue signalArrivals = new WaitQueue();
  private final WaitQueue exitEvents = new WaitQueue();
  private final long startTime = System.nanoTime();

  private volatile int processGroupId;
  private volatile int sessionId;
  private volatile boolean withoutTerminal;
  private volatile boolean exiting;
  private volatile int exitStatus;
  private volatile int oomScoreAdjustment;
  private volatile int coredumpFilter = DEFAULT_COREDUMP_FILTER;
  private volatile boolean dumpable = true;

  private final List<Task> tasks = new ArrayList<>();
  private final PendingSignals pending = new PendingSignals();
  private final SignalQuota quota;

  /** Shared with the processes of CLONE_SIGHAND; replaced by exec. */
  private volatile SignalDispositions actions;

  private boolean stopped;
  private int stopSignal;
  private Task execing;
  private int parentId;
  private ResourceUsage ended = ResourceUsage.NONE;
  private IoUsage endedIo = IoUsage.NONE;

  /** Set before its first task runs. */
  private boolean init;

  /** A process whose signals are counted on their own; for tests and the first process. */
  public ThreadGroup(int id, ResourceLimits limits) {
    this(id, limits, new SignalDispositions(), new SignalQuota());
  }

  /**
   * @param id pid of the first thread
   * @param actions dispositions to start with: a copy of the parent's, or the parent's own
   * @param quota counts the signals queued for each user
   */
  public ThreadGroup(int id, ResourceLimits limits, SignalDispositions actions, SignalQuota quota) {
    super(Rank.SIGNALS);
    this.id = id;
    this.limits = limits;
    this.actions = actions;
    this.quota = quota;
  }

  public int id() {
    return id;
  }

  public ResourceLimits limits() {
    return limits;
  }

  /** {@link System#nanoTime} at creation. */
  public long startTime() {
    return startTime;
  }

  /** Whether others of the same user may look inside (prctl PR_SET_DUMPABLE). */
  public boolean dumpable() {
    return dumpable;
  }

  public void setDumpable(boolean on) {
    dumpable = on;
  }

  /** /proc/PID/oom_score_adj: -1000 to 1000. */
  public int oomScoreAdjustment() {
    return oomScoreAdjustment;
  }

  public void setOomScoreAdjustment(int value) {
    oomScoreAdjustment = value;
  }

  /** /proc/PID/coredump_filter: which mappings a core dump would have (core(5)). */
  public int coredumpFilter() {
    return coredumpFilter;
  }

  public void setCoredumpFilter(int value) {
    coredumpFilter = value;
  }

  /** What fork(2) hands down of the settings in /proc. */
  public void inheritSettings(ThreadGroup parent) {
    oomScoreAdjustment = parent.oomScoreAdjustment;
    coredumpFilter = parent.coredumpFilter;
  }

  public int processGroupId() {
    return processGroupId;
  }

  public int sessionId() {
    return sessionId;
  }

  /** For the process tree, which owns these. */
  void setMembership(int newProcessGroup, int newSession) {
    if (newSession != sessionId) {
      withoutTerminal = false;
    }
    processGroupId = newProcessGroup;
    sessionId = newSession;
  }

  /**
   * This process alone has given its session's controlling terminal up (TIOCNOTTY by another than
   * the leader).
   */
  public boolean withoutTerminal() {
    return withoutTerminal;
  }

  public void leaveTerminal() {
    withoutTerminal = true;
  }

  /** Notified (POLLIN) when a child changes state: wait4(2) sleeps here. */
  public WaitQueue childEvents() {
    return childEvents;
  }

  /** Notified (POLLIN) when a signal becomes pending: signalfd and sigtimedwait. */
  public WaitQueue signalArrivals() {
    return signalArrivals;
  }

  /** Notified (POLLIN) when the process has ended: pidfds sleep here. */
  public WaitQueue exitEvents() {
    return exitEvents;
  }

  /** Adds what an ended thread has used. */
  public void addUsage(ResourceUsage usage, IoUsage io) {
    ask(
        () -> {
          ended = ended.plus(usage);
          endedIo = endedIo.plus(io);
        });
  }

  /** What all threads have read and written so far. */
  public IoUsage io() {
    return ask(
        () -> {
          IoUsage sum = endedIo;
          for (Task t : tasks) {
            sum = sum.plus(t.counters().io());
          }
          return sum;
        });
  }

  /** An address space that the process leaves had so many bytes resident at the most. */
  public void noteResident(long bytes) {
    ask(() -> ended = ended.withResident(bytes));
  }

  /** What ended threads have used. */
  public ResourceUsage endedUsage() {
    return ask(() -> ended);
  }

  /** What all threads have used so far. */
  public ResourceUsage usage() {
    return ask(
        () -> {
          ResourceUsage sum = ended;
          for (Task t : tasks) {
            sum = sum.plus(t.usage());
          }
          return sum;
        });
  }

  /** User time of all threads so far, in ns. */
  public long userTime() {
    return ask(() -> ended.user() + tasks.stream().mapToLong(t -> t.cpuTime().user()).sum());
  }

  public long systemTime() {
    return ask(() -> ended.system() + tasks.stream().mapToLong(t -> t.cpuTime().system()).sum());
  }

  /** Adds a thread; false if the group is exiting, so that clone must not succeed. */
  public boolean add(Task task) {
    return ask(
        () -> {
          task.publishParent(parentId);
          return !exiting && execing == null && tasks.add(task);
        });
  }

  /** For the process tree, which knows who the parent is: 0 for none in the sandbox. */
  void setParentId(int id) {
    ask(
        () -> {
          parentId = id;
          tasks.forEach(t -> t.publishParent(id));
        });
  }

  /** Takes an ended thread out; true if it was the last. */
  public boolean remove(Task task) {
    return ask(
        () -> {
          tasks.remove(task);
          if (execing != null && tasks.size() == 1) {
            execing.sleeper().ready();
          }
          return tasks.isEmpty();
        });
  }

  public List<Task> tasks() {
    return ask(() -> List.copyOf(tasks));
  }

  public int size() {
    return ask(tasks::size);
  }

  /** The dispositions themselves. */
  public SignalDispositions dispositions() {
    return actions;
  }

  public SignalQuota signalQuota() {
    return quota;
  }

  public SignalAction action(int signal) {
    return actions.get(signal);
  }

  /**
   * sigaction(2): sets and returns the old one. A disposition that ignores drops what is pending.
   */
  public SignalAction setAction(int signal, SignalAction action) {
    return ask(
        () -> {
          SignalAction old = actions.set(signal, action);
          if (action.ignores(signal)) {
            discard(Signal.bit(signal));
          }
          return old;
        });
  }

  /** execve(2): dispositions of its own; caught signals go back to default. */
  public void resetHandlers() {
    ask(() -> actions = actions.copyForExec());
  }

  /** What a signal did to the group's stop state, for the parent's wait. */
  public enum Effect {
    NONE,
    CONTINUED
  }

  /**
   * Makes a signal pending.
   *
   * @param target the one thread it is for; null for the group
   */
  public Effect send(SignalInfo info, Task target) {
    return post(info, target).effect;
  }

  /**
   * As {@link #send}; says also whether the signal is in a queue now, rather than ignored or merged
   * with another.
   */
  Sent post(SignalInfo info, Task target) {
    Sent sent = ask(() -> enqueue(info, target));
    for (Task t : sent.wake) {
      t.interrupt();
    }
    for (Task t : sent.resume) {
      t.sleeper().ready();
    }
    if (sent.queued) {
      signalArrivals.notifyEvents(1);
      for (Task t : sent.wake) {
        t.sleeper().interrupt();
      }
    }
    return sent;
  }

  /**
   * @param queued somebody may want to look at the queue
   * @param added it is in the queue, rather than ignored or merged with another
   * @param refused the user's quota is used up
   */
  record Sent(
      List<Task> wake,
      List<Task> resume,
      boolean queued,
      boolean added,
      boolean refused,
      Effect effect) {
    private static Sent nothing(List<Task> resume, Effect effect) {
      return new Sent(List.of(), resume, false, false, false, effect);
    }
  }

  /**
   * From now on this is the init of a PID namespace: signals that it has no handler for do nothing
   * to it, nor SIGKILL and SIGSTOP from inside (pid_namespaces(7); kernel/signal.c:
   * sig_task_ignored, SIGNAL_UNKILLABLE).
   */
  public void becomeInit() {
    init = true;
  }

  /** Whether {@code info} does nothing because this is an init. Faults of its own do. */
  public boolean shieldedFrom(SignalInfo info) {
    boolean fault = info.code() > 0 && info.code() != SignalInfo.SI_KERNEL;
    if (!init || fault) {
      return false;
    }
    if (info.signal() == Signal.SIGKILL || info.signal() == Signal.SIGSTOP) {
      return info.code() <= 0 && info.pid() != 0;
    }
    return actions.get(info.signal()).handler() == SignalAction.SIG_DFL;
  }

  private Sent enqueue(SignalInfo info, Task target) {
    int signal = info.signal();
    boolean shielded =
        shieldedFrom(info)
            && (signal == Signal.SIGKILL
                || !(target != null
                    ? Signal.in(target.signals().mask(), signal)
                    : allBlock(signal)));
    if (exiting || tasks.isEmpty() || shielded) {
      return Sent.nothing(List.of(), Effect.NONE);
    }
    if (signal == Signal.SIGKILL) {
      beginExit(signal);
      List<Task> all = List.copyOf(tasks);
      return new Sent(all, all, false, false, false, Effect.NONE);
    }
    Effect effect = Effect.NONE;
    List<Task> resume = List.of();
    if (signal == Signal.SIGCONT) {
      discard(Signal.STOPS);
      if (stopped) {
        stopped = false;
        effect = Effect.CONTINUED;
        resume = List.copyOf(tasks);
      }
    } else if (Signal.in(Signal.STOPS, signal)) {
      discard(Signal.bit(Signal.SIGCONT));
    }
    boolean forced = info.code() > 0 && info.code() != SignalInfo.SI_KERNEL && target != null;
    boolean blockedEverywhere =
        target != null ? Signal.in(target.signals().mask(), signal) : allBlock(signal);
    if (actions.get(signal).ignores(signal) && !blockedEverywhere && !forced) {
      return Sent.nothing(resume, effect);
    }
    PendingSignals queue = target != null ? target.signals().pending() : pending;
    boolean added = !queue.merges(signal);
    if (added && !enter(info, queue)) {
      return new Sent(List.of(), resume, false, false, true, effect);
    }
    return new Sent(receivers(signal, target), resume, true, added, false, effect);
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

  private boolean allBlock(int signal) {
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
  private List<Task> receivers(int signal, Task target) {
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

  private void discard(long set) {
    pending.discard(set);
    for (Task t : tasks) {
      t.signals().pending().discard(set);
    }
  }

  /** Pending signals that {@code task} would see, blocked ones included (sigpending(2)). */
  public long pendingFor(Task task) {
    return ask(() -> pending.set() | task.signals().pending().set());
  }

  public long sharedPending() {
    return ask(pending::set);
  }

  /**
   * Takes the next pending signal out of {@code wanted}, whether blocked or not (sigtimedwait,
   * signalfd); null if none.
   */
  public SignalInfo dequeue(Task task, long wanted) {
    for (; ; ) {
      SignalInfo info = ask(() -> next(task, wanted));
      if (info == null || info.source() == null) {
        return info;
      }
      SignalInfo valid = info.source().taken(info);
      if (valid != null) {
        return valid;
      }
    }
  }

  private SignalInfo next(Task task, long wanted) {
    SignalInfo own = task.signals().pending().take(wanted);
    return own != null ? own : pending.take(wanted);
  }

  /** What {@code task} has to do now. Takes the signal it is told to deliver out of the queue. */
  public Due due(Task task) {
    for (; ; ) {
      Due due = lookFor(task);
      if (!(due instanceof Due.Deliver(SignalInfo info, SignalAction action))
          || info.source() == null) {
        return due;
      }
      SignalInfo valid = info.source().taken(info);
      if (valid != null) {
        return new Due.Deliver(valid, action);
      }
    }
  }

  private Due lookFor(Task task) {
    return ask(
        () -> {
          if (exiting || execing != null && execing != task) {
            return EXIT;
          }
          if (stopped) {
            return STOP;
          }
          SignalInfo info = next(task, ~task.signals().mask());
          if (info == null) {
            return NOTHING;
          }
          SignalAction action = actions.get(info.signal());
          if (action.has(SignalAction.SA_RESETHAND) && action.catches()) {
            actions.resetAfter(info.signal(), action);
          }
          return new Due.Deliver(info, action);
        });
  }

  /**
   * Whether a signal that {@code task} does not block is pending or the group is stopped or
   * exiting.
   */
  public boolean needsAttention(Task task) {
    return ask(
        () ->
            exiting
                || stopped
                || execing != null && execing != task
                || ((pending.set() | task.signals().pending().set()) & ~task.signals().mask())
                    != 0);
  }

  /**
   * A fault signal that must not be blocked or ignored: the disposition is reset and the signal
   * unblocked if it is (Linux: force_sig_info).
   */
  public void force(Task task, SignalInfo info) {
    ask(
        () -> {
          int signal = info.signal();
          boolean masked = Signal.in(task.signals().mask(), signal);
          if (masked || actions.get(signal).handler() == SignalAction.SIG_IGN) {
            actions.set(signal, SignalAction.DEFAULT);
            task.signals().setMask(task.signals().mask() & ~Signal.bit(signal));
          }
          task.signals().pending().add(info);
        });
    task.requestAttention();
  }

  /** Stops the group (default action of a stop signal): false if SIGCONT or an exit came first. */
  public boolean stop(int signal) {
    List<Task> others =
        ask(
            () -> {
              if (exiting || stopped) {
                return null;
              }
              stopped = true;
              stopSignal = signal;
              return List.copyOf(tasks);
            });
    if (others == null) {
      return false;
    }
    for (Task t : others) {
      t.interrupt();
    }
    return true;
  }

  public boolean stopped() {
    return ask(() -> stopped);
  }

  public int stopSignal() {
    return ask(() -> stopSignal);
  }

  /** Whether {@code task} has to stay asleep in its stop. */
  public boolean mustStay() {
    return ask(() -> stopped && !exiting && execing == null);
  }

  /**
   * exit_group(2) or a fatal signal: every thread ends. The first status counts.
   *
   * @param status a wait(2) status
   */
  public void exit(int status) {
    List<Task> all =
        ask(
            () -> {
              beginExit(status);
              return List.copyOf(tasks);
            });
    for (Task t : all) {
      t.interrupt();
      t.sleeper().ready();
    }
  }

  private void beginExit(int status) {
    if (!exiting) {
      exiting = true;
      exitStatus = status;
      stopped = false;
    }
  }

  public boolean exiting() {
    return exiting;
  }

  /** The wait(2) status. */
  public int exitStatus() {
    return exitStatus;
  }

  /** The last thread ends without exit_group: its status is the group's. */
  public void setStatusOfLastThread(int status) {
    ask(
        () -> {
          if (!exiting) {
            exitStatus = status;
          }
        });
  }

  /**
   * execve(2) begins in {@code task}: the other threads are told to end. False if another exec or
   * exit is under way.
   */
  public boolean beginExec(Task task) {
    List<Task> others =
        ask(
            () -> {
              if (exiting || execing != null) {
                return null;
              }
              execing = task;
              return tasks.stream().filter(t -> t != task).toList();
            });
    if (others == null) {
      return false;
    }
    for (Task t : others) {
      t.interrupt();
      t.sleeper().ready();
    }
    return true;
  }

  public void endExec() {
    ask(() -> execing = null);
  }

  /** Whether {@code task} is alone. */
  public boolean alone() {
    return ask(() -> tasks.size() <= 1);
  }
}
