package io.loomvisor.task.ptrace;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ChildEvent;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.process.WaitOptions;
import io.loomvisor.task.ptrace.Resumption.Outcome;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Tracers, their tracees, and the stops of those (kernel/ptrace.c; ptrace_stop() of
 * kernel/signal.c). Any thread; {@link #stop} the tracee's own.
 */
public final class Tracing extends Actor {
  /** By the tracer's process, newest first, as Linux keeps them. No process without any. */
  private final Map<ThreadGroup, List<Tracee>> tracees = new HashMap<>();

  /** Whether there has ever been a tracee: without one, wait(2) and exit(2) need not ask. */
  private volatile boolean used;

  public Tracing() {
    super(Rank.TRACING);
  }

  // ---------------------------------------------------------------- who traces whom

  /**
   * PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE, as far as the relation goes: nothing stops yet.
   * EPERM if the target is traced already, is ending, or is of the tracer's own process.
   */
  public Tracee attach(Task target, Task tracer, boolean seize, int options) {
    Tracee t =
        ask(
            () -> {
              if (target.tracee() != null
                  || target.group() == tracer.group()
                  || target.ended()
                  || tracer.ended()) {
                throw Errno.EPERM.exception();
              }
              return enter(new Tracee(target, tracer, seize, options));
            });
    target.sleeper().ready(); // it may stand in a stop of its group, which is its tracer's from now
    return t;
  }

  private Tracee enter(Tracee t) {
    used = true;
    tracees.computeIfAbsent(t.tracingGroup(), g -> new ArrayList<>()).addFirst(t);
    t.task().setTracee(t);
    if (t.leader()) {
      t.task().group().setLeaderTracer(t.tracingGroup());
    }
    return t;
  }

  /**
   * clone(2): {@code child}, which nobody knows yet, is traced as {@code parent} is, and stops
   * before it does anything (kernel/ptrace.h: ptrace_init_task).
   */
  public void inherit(Task parent, Task child) {
    ask(
        () -> {
          Tracee of = parent.tracee();
          if (of == null) {
            return;
          }
          Tracee t = enter(new Tracee(child, of.tracer(), of.seized(), of.options));
          if (t.seized()) {
            t.trapStop = true;
          } else {
            child.signals().pending().addBare(Signal.SIGSTOP);
          }
          child.requestAttention();
        });
  }

  /** The clone has failed after all. */
  public void disinherit(Task child) {
    ask(
        () -> {
          if (child.tracee() != null) {
            remove(child.tracee());
          }
        });
  }

  private void remove(Tracee t) {
    List<Tracee> all = tracees.get(t.tracingGroup());
    if (all == null || !all.remove(t)) {
      return;
    }
    if (all.isEmpty()) {
      tracees.remove(t.tracingGroup());
    }
    if (t.task().tracee() == t) {
      t.task().setTracee(null);
      if (t.leader()) {
        t.task().group().setLeaderTracer(null);
      }
    }
  }

  /** PTRACE_SETOPTIONS. */
  public void setOptions(Tracee t, int options) {
    ask(() -> t.options = options);
  }

  /**
   * Lets {@code tracer}'s tracees go, those with PTRACE_O_EXITKILL to their deaths.
   *
   * @return the processes whose ends nobody but it has seen yet
   */
  public List<ThreadGroup> tracerGone(Task tracer) {
    if (!used || !ask(() -> tracees.containsKey(tracer.group()))) {
      return List.of();
    }
    List<Tracee> killed = new ArrayList<>();
    List<ThreadGroup> ended = new ArrayList<>();
    ask(
        () -> {
          for (Tracee t : List.copyOf(tracees.getOrDefault(tracer.group(), List.of()))) {
            if (t.tracer() != tracer) {
              continue;
            }
            boolean leaderEnded = t.ended && t.leader();
            remove(t);
            if (leaderEnded) {
              ended.add(t.task().group());
            } else if (!t.ended) {
              letGo(t, 0, Tracee.Mode.CONTINUE);
              if (t.has(Ptrace.O_EXITKILL)) {
                killed.add(t);
              }
            }
          }
        });
    for (Tracee t : killed) {
      t.task().group().send(SignalInfo.kernel(Signal.SIGKILL), null);
    }
    return ended;
  }

  /** Its end has been told; the process is its parent's again. */
  public void forgetLeader(ThreadGroup group) {
    ask(
        () -> {
          ThreadGroup tracer = group.leaderTracer();
          for (Tracee t : List.copyOf(tracees.getOrDefault(tracer, List.of()))) {
            if (t.task().group() == group && t.leader()) {
              remove(t);
            }
          }
        });
  }

  /**
   * execve(2) by another thread than the leader, which has ended: the task has the leader's id now.
   */
  public void tookLeadersId(Task task) {
    ask(
        () -> {
          ThreadGroup old = task.group().leaderTracer();
          for (Tracee t : List.copyOf(tracees.getOrDefault(old, List.of()))) {
            if (t.task().group() == task.group() && t.ended && t.task() != task && t.leader()) {
              remove(t);
            }
          }
          Tracee mine = task.tracee();
          task.group().setLeaderTracer(mine == null ? null : mine.tracingGroup());
        });
  }

  // ---------------------------------------------------------------- stops

  /**
   * The task stands still until its tracer lets it go, the tracer is gone, or it is killed. Own
   * thread, with no actor held.
   */
  public Resumption stop(Task task, Stop stop) {
    return standStill(task, stop.atExit(), t -> stop);
  }

  /**
   * As {@link #stop}, in a PTRACE_EVENT_STOP, which tells of job control as it is by then: a change
   * that comes later is noticed again.
   */
  public Resumption trap(Task task) {
    return standStill(
        task,
        false,
        t -> {
          t.trapNotify = false;
          return Stop.trap(task);
        });
  }

  private Resumption standStill(Task task, boolean atExit, Function<Tracee, Stop> reason) {
    Tracee t = task.tracee();
    if (t == null || !begin(task, t, atExit, reason)) {
      return task.group().exiting() ? Resumption.KILLED : Resumption.NOT_TRACED;
    }
    for (; ; ) {
      task.sleeper().arm();
      Resumption r = ask(() -> over(task, t));
      if (r != null) {
        return r;
      }
      task.sleep(Sleeper.FOREVER, false);
    }
  }

  private boolean begin(Task task, Tracee t, boolean atExit, Function<Tracee, Stop> reason) {
    return ask(
        () -> {
          if (task.tracee() != t || task.mustEnd() && !atExit) {
            return false;
          }
          t.trapStop = false;
          Stop stop = reason.apply(t);
          if (stop.message() != null) {
            t.message = stop.message();
          }
          t.stop = stop;
          t.resumption = null;
          t.unreported = true;
          t.listening = false;
          tellTracer(t, stop.childCode(), stop.code() & 0x7f);
          return true;
        });
  }

  /** Null: it has to go on standing still. */
  private static Resumption over(Task task, Tracee t) {
    if (t.frozen) {
      return null;
    }
    if (t.resumption != null) {
      return t.resumption;
    }
    if (task.mustEnd() && !t.stop.atExit()) {
      t.stop = null;
      return Resumption.KILLED;
    }
    if (t.listening && t.trapped()) {
      Resumption again = resumption(t, 0);
      t.stop = null;
      return again;
    }
    return null;
  }

  /** SIGCHLD and wait(2), as do_notify_parent_cldstop() and do_notify_parent() do. */
  private static void tellTracer(Tracee t, int code, int status) {
    ThreadGroup tracer = t.tracingGroup();
    SignalAction action = tracer.action(Signal.SIGCHLD);
    boolean end = t.ended;
    if (action.handler() != SignalAction.SIG_IGN
        && (end || !action.has(SignalAction.SA_NOCLDSTOP))) {
      Task task = t.task();
      int uid = task.credentials().uid();
      tracer.send(new SignalInfo(Signal.SIGCHLD, 0, code, task.threadId(), uid, status, 0), null);
    }
    tracer.childEvents().notifyEvents(1);
  }

  private static Resumption resumption(Tracee t, int signal) {
    return new Resumption(
        signal,
        t.stop.info(),
        t.tracer().threadGroupId(),
        t.tracer().credentials().uid(),
        Outcome.RESUMED);
  }

  private static void letGo(Tracee t, int signal, Tracee.Mode mode) {
    t.setMode(mode);
    t.unreported = false;
    if (t.stop != null) {
      t.resumption = resumption(t, signal);
      t.stop = null;
      t.task().sleeper().ready();
    } else {
      t.task().interrupt(); // it has to notice that its calls are not watched any more
    }
  }

  // ---------------------------------------------------------------- what the tracer does

  /**
   * ptrace_check_attach(): ESRCH unless {@code tracer} traces {@code target} and it stands still.
   */
  private static Tracee stopped(Task target, Task tracer) {
    Tracee t = mine(target, tracer);
    if (t.stop == null || t.listening) {
      throw Errno.ESRCH.exception();
    }
    return t;
  }

  private static Tracee mine(Task target, Task tracer) {
    Tracee t = target.tracee();
    if (t == null || t.tracer() != tracer || t.ended) {
      throw Errno.ESRCH.exception();
    }
    return t;
  }

  /**
   * Runs {@code body} on the tracer's thread while the tracee cannot move; it may use the tracee's
   * registers, FPU and signals as if it were that thread. ESRCH if it does not stand still.
   */
  public <R> R inspect(Task target, Task tracer, Function<Tracee, R> body) {
    Tracee t =
        ask(
            () -> {
              Tracee found = stopped(target, tracer);
              found.frozen = true;
              return found;
            });
    try {
      return body.apply(t);
    } finally {
      ask(() -> t.frozen = false);
      if (target.mustEnd() || t.trapped()) {
        target.sleeper().ready();
      }
    }
  }

  /** PTRACE_CONT and kin; EIO if that is no signal. */
  public void resume(Task target, Task tracer, Tracee.Mode mode, long signal) {
    ask(
        () -> {
          Tracee t = stopped(target, tracer);
          letGo(t, checked(signal), mode);
        });
  }

  /** PTRACE_DETACH. */
  public void detach(Task target, Task tracer, long signal) {
    ask(
        () -> {
          Tracee t = stopped(target, tracer);
          int number = checked(signal);
          remove(t);
          letGo(t, number, Tracee.Mode.CONTINUE);
        });
  }

  private static int checked(long signal) {
    if (signal != 0 && (signal < 0 || signal > Signal.SIGRTMAX)) {
      throw Errno.EIO.exception();
    }
    return (int) signal;
  }

  /** PTRACE_INTERRUPT: EIO unless seized. */
  public void interrupt(Task target, Task tracer) {
    ask(
        () -> {
          Tracee t = mine(target, tracer);
          if (!t.seized()) {
            throw Errno.EIO.exception();
          }
          t.trapStop = true;
          if (t.listening) {
            target.sleeper().ready();
          }
        });
    target.interrupt();
  }

  /** PTRACE_LISTEN: EIO unless seized and in a PTRACE_EVENT_STOP. */
  public void listen(Task target, Task tracer) {
    ask(
        () -> {
          Tracee t = stopped(target, tracer);
          if (!t.seized() || t.stop.event() != Ptrace.EVENT_STOP) {
            throw Errno.EIO.exception();
          }
          t.listening = true;
          target.sleeper().ready();
        });
  }

  /** PTRACE_KILL: whatever it does just now. */
  public void requireTraced(Task target, Task tracer) {
    ask(() -> mine(target, tracer));
  }

  /** PTRACE_SETSIGINFO: EINVAL in a group-stop. For who holds it frozen. */
  public void setInfo(Tracee t, SignalInfo info) {
    ask(
        () -> {
          if (t.stop.info() == null) {
            throw Errno.EINVAL.exception();
          }
          t.stop = t.stop.withInfo(info);
        });
  }

  // ---------------------------------------------------------------- wait and exit

  /**
   * A thread has ended. One that is traced and does not lead its process stays until its tracer has
   * waited for it.
   *
   * @param status as wait(2) shows it
   */
  public void ended(Task task, int status) {
    if (task.tracee() == null) {
      return;
    }
    ask(
        () -> {
          Tracee t = task.tracee();
          if (t == null) {
            return;
          }
          t.ended = true;
          t.endStatus = status;
          t.stop = null;
          if (!t.leader()) {
            int signal = status & 0x7f;
            tellTracer(t, ChildEvent.endCode(status), signal != 0 ? signal : status >> 8 & 0xff);
          }
        });
  }

  /** What {@link #poll} has found. */
  public record Found(boolean any, ChildEvent event) {}

  private static final Found NOTHING = new Found(false, null);

  /**
   * One look for a tracee of {@code caller}'s process that has stopped, or a thread that has ended.
   *
   * @param options of wait(2)
   */
  public Found poll(ThreadGroup caller, Predicate<Task> wanted, int options) {
    if (!used) {
      return NOTHING;
    }
    return ask(
        () -> {
          boolean any = false;
          for (Tracee t : tracees.getOrDefault(caller, List.of())) {
            if (!wanted.test(t.task())) {
              continue;
            }
            any = true;
            ChildEvent event = take(t, options);
            if (event != null) {
              return new Found(true, event);
            }
          }
          return new Found(any, null);
        });
  }

  /** Processes whose leaders {@code tracer} has seen the last stop of. */
  public List<ThreadGroup> endedLeaders(ThreadGroup tracer) {
    if (!used) {
      return List.of();
    }
    return ask(
        () ->
            tracees.getOrDefault(tracer, List.of()).stream()
                .filter(t -> t.ended && t.leader())
                .map(t -> t.task().group())
                .toList());
  }

  private ChildEvent take(Tracee t, int options) {
    boolean keep = (options & WaitOptions.WNOWAIT) != 0;
    if (t.ended) {
      if (t.leader() || (options & WaitOptions.WEXITED) == 0) {
        return null; // a leader's end is that of its process
      }
      if (!keep) {
        remove(t);
      }
      return event(t, ChildEvent.endCode(t.endStatus), t.endStatus);
    }
    if (t.stop == null || !t.unreported || t.listening) {
      return null;
    }
    t.unreported = keep;
    return event(
        t,
        t.stop.childCode() == SignalInfo.CLD_STOPPED ? SignalInfo.CLD_TRAPPED : t.stop.childCode(),
        ChildEvent.stopped(t.stop.code()));
  }

  private static ChildEvent event(Tracee t, int code, int status) {
    Task task = t.task();
    return new ChildEvent(
        task.threadId(), task.credentials().uid(), code, status, task.group().usage());
  }
}
