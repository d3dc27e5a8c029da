package io.loomvisor.task.process;

import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.task.Task;
import io.loomvisor.task.ptrace.Tracee;
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
  /** What a task finds when it looks for signals before returning to the application. */
  public sealed interface Due {
    /** Nothing to do. */
    record Nothing() implements Due {}

    /** The whole group is exiting, or the thread is asked to end (execve by a sibling). */
    record Exit() implements Due {}

    /** The group is stopped: sleep until continued. */
    record Stop() implements Due {}

    /** Its tracer wants it to stop, or to know of a change of job control. */
    record Trap() implements Due {}

    /**
     * Deliver this signal with this disposition; null for a traced task: its tracer comes first.
     */
    record Deliver(SignalInfo info, SignalAction action) implements Due {}
  }

  private static final Due NOTHING = new Due.Nothing();
  private static final Due EXIT = new Due.Exit();
  private static final Due STOP = new Due.Stop();
  private static final Due TRAP = new Due.Trap();

  private final int id;
  private final ResourceLimits limits;
  private final ProcessSettings settings = new ProcessSettings();
  private final WaitQueue childEvents = new WaitQueue();
  private final WaitQueue signalArrivals = new WaitQueue();
  private final WaitQueue exitEvents = new WaitQueue();
  private final long startTime = System.nanoTime();

  private volatile int processGroupId;
  private volatile int sessionId;
  private volatile boolean withoutTerminal;
  private volatile boolean exiting;
  private volatile int exitStatus;

  /** For the actor that owns tracing: whose process traces the leader; null for nobody's. */
  private volatile ThreadGroup leaderTracer;

  /** The thread of the parent that has made this process; 0 for none. Set before it runs. */
  private volatile int makerThread;

  private final List<Task> tasks = new ArrayList<>();
  private final GroupSignals signals;
  private final GroupUsage usage = new GroupUsage(tasks);

  private boolean stopped;

  /** Which stop that is, so that a traced thread joins each once. */
  private int stopGeneration;

  private int stopSignal;

  /** Written in this actor. */
  private volatile Task execing;

  private int parentId;

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
    this.signals = new GroupSignals(limits, quota, actions, tasks);
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

  public ProcessSettings settings() {
    return settings;
  }

  /** Whose process traces the leader: waits for it before the parent does. Null for nobody's. */
  public ThreadGroup leaderTracer() {
    return leaderTracer;
  }

  /** For {@link io.loomvisor.task.ptrace.Tracing}. */
  public void setLeaderTracer(ThreadGroup tracer) {
    leaderTracer = tracer;
  }

  /** The id that the thread which has made this process had then; 0 for none. */
  public int makerThread() {
    return makerThread;
  }

  public void setMakerThread(int tid) {
    makerThread = tid;
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
  public void addUsage(ResourceUsage used, IoUsage io) {
    ask(() -> usage.addEnded(used, io));
  }

  /** What all threads have read and written so far. */
  public IoUsage io() {
    return ask(usage::io);
  }

  /** An address space that the process leaves had so many bytes resident at the most. */
  public void noteResident(long bytes) {
    ask(() -> usage.noteResident(bytes));
  }

  /** What ended threads have used. */
  public ResourceUsage endedUsage() {
    return ask(usage::ended);
  }

  /** What all threads have used so far. */
  public ResourceUsage usage() {
    return ask(usage::total);
  }

  /** User time of all threads so far, in ns. */
  public long userTime() {
    return ask(usage::userTime);
  }

  /** Time of all threads in the kernel so far, in ns. */
  public long systemTime() {
    return ask(usage::systemTime);
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
    return signals.actions();
  }

  public SignalQuota signalQuota() {
    return signals.quota();
  }

  public SignalAction action(int signal) {
    return signals.actions().get(signal);
  }

  /**
   * sigaction(2): sets and returns the old one. A disposition that ignores drops what is pending.
   */
  public SignalAction setAction(int signal, SignalAction action) {
    return ask(() -> signals.setAction(signal, action));
  }

  /** execve(2): dispositions of its own; caught signals go back to default. */
  public void resetHandlers() {
    ask(signals::resetHandlers);
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
      if (traced(t)) {
        t.interrupt();
      }
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
    signals.becomeInit();
  }

  /** Whether {@code info} does nothing because this is an init. Faults of its own do. */
  public boolean shieldedFrom(SignalInfo info) {
    return signals.shieldedFrom(info);
  }

  private Sent enqueue(SignalInfo info, Task target) {
    int signal = info.signal();
    if (exiting || tasks.isEmpty() || signals.keptOut(info, target)) {
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
      signals.discard(Signal.STOPS);
      resume = tasks.stream().filter(ThreadGroup::noticesJobControl).toList();
      if (stopped) {
        stopped = false;
        effect = Effect.CONTINUED;
        resume = List.copyOf(tasks);
      }
    } else if (Signal.in(Signal.STOPS, signal)) {
      signals.discard(Signal.bit(Signal.SIGCONT));
    }
    return switch (signals.add(info, target)) {
      case IGNORED -> Sent.nothing(resume, effect);
      case REFUSED -> new Sent(List.of(), resume, false, false, true, effect);
      case MERGED ->
          new Sent(signals.receivers(signal, target), resume, true, false, false, effect);
      case QUEUED -> new Sent(signals.receivers(signal, target), resume, true, true, false, effect);
    };
  }

  /** Its tracer is to see whatever comes, ignored or not (kernel/signal.c: sig_ignored). */
  static boolean traced(Task task) {
    return task.tracee() != null;
  }

  private static boolean noticesJobControl(Task task) {
    Tracee t = task.tracee();
    return t != null && t.noticeJobControl();
  }

  /** Pending signals that {@code task} would see, blocked ones included (sigpending(2)). */
  public long pendingFor(Task task) {
    return ask(() -> signals.pendingFor(task));
  }

  /** What is queued for one thread, or for the group if {@code task} is null. */
  public List<SignalInfo> queued(Task task) {
    return ask(() -> signals.queued(task));
  }

  public long sharedPending() {
    return ask(signals::pending);
  }

  /**
   * Takes the next pending signal out of {@code wanted}, whether blocked or not (sigtimedwait,
   * signalfd); null if none.
   */
  public SignalInfo dequeue(Task task, long wanted) {
    for (; ; ) {
      SignalInfo info = ask(() -> signals.next(task, wanted));
      if (info == null || info.source() == null) {
        return info;
      }
      SignalInfo valid = info.source().taken(info);
      if (valid != null) {
        return valid;
      }
    }
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
          Tracee tracee = task.tracee();
          if (stopped && (tracee == null || !tracee.joined(stopGeneration))) {
            if (tracee != null) {
              tracee.join(stopGeneration);
            }
            return STOP;
          }
          if (tracee != null && tracee.trapped()) {
            return TRAP;
          }
          SignalInfo info = signals.next(task, ~task.signals().mask());
          if (info == null) {
            return NOTHING;
          }
          return new Due.Deliver(info, tracee != null ? null : signals.takeAction(info.signal()));
        });
  }

  /** The disposition of a signal that is delivered now. */
  public SignalAction takeAction(int signal) {
    return ask(() -> signals.takeAction(signal));
  }

  /**
   * Whether a signal that {@code task} does not block is pending or the group is stopped or
   * exiting.
   */
  public boolean needsAttention(Task task) {
    return ask(
        () ->
            exiting
                || stopped && !(traced(task) && task.tracee().joined(stopGeneration))
                || traced(task) && task.tracee().trapped()
                || execing != null && execing != task
                || (signals.pendingFor(task) & ~task.signals().mask()) != 0);
  }

  /**
   * A fault signal that must not be blocked or ignored: the disposition is reset and the signal
   * unblocked if it is (Linux: force_sig_info).
   */
  public void force(Task task, SignalInfo info) {
    ask(() -> signals.force(task, info));
    task.requestAttention();
  }

  /**
   * Stops the group (default action of a stop signal), again if traced threads have been let go
   * meanwhile. False if it was stopped already or is ending.
   */
  public boolean stop(int signal) {
    boolean[] first = {false};
    List<Task> others =
        ask(
            () -> {
              if (exiting || stopped && tasks.stream().noneMatch(ThreadGroup::traced)) {
                return null;
              }
              first[0] = !stopped;
              stopped = true;
              stopSignal = signal;
              stopGeneration++;
              tasks.forEach(ThreadGroup::noticesJobControl);
              return List.copyOf(tasks);
            });
    if (others == null) {
      return false;
    }
    for (Task t : others) {
      t.interrupt();
      if (traced(t)) {
        t.sleeper().ready(); // PTRACE_LISTEN
      }
    }
    return first[0];
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

  /** Whether {@code task} is to end: with the group, or because another thread calls execve(2). */
  public boolean ends(Task task) {
    Task other = execing;
    return exiting || other != null && other != task;
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
