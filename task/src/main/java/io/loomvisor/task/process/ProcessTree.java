package io.loomvisor.task.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.task.Task;
import io.loomvisor.task.ptrace.Tracing;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Pids, parents and children, process groups and sessions. Orphans go to the nearest subreaper;
 * without one the sandbox itself reaps them, as an init would.
 */
public final class ProcessTree extends Actor {
  /** The parent of a process that has none in the sandbox. */
  private static final int NOBODY = 0;

  /** The pid that, if a process has it, is the reaper of orphans; else the sandbox is. */
  public static final int INIT = 1;

  /** kernel.pid_max. */
  public static final int PID_MAX = 1 << 22;

  public static final int WNOHANG = 1;
  public static final int WUNTRACED = 2;
  public static final int WEXITED = 4;
  public static final int WCONTINUED = 8;
  public static final int WNOWAIT = 0x0100_0000;
  public static final int WCLONE = 0x8000_0000;
  public static final int WALL = 0x4000_0000;

  private final Map<Integer, Task> tasks = new ConcurrentHashMap<>();
  private final TreeMap<Integer, ProcessNode> nodes = new TreeMap<>();
  private final Map<Integer, Session> sessions = new HashMap<>();
  private final Tracing tracing = new Tracing();
  private int lastPid;

  /**
   * @param firstPid the pid that the first process gets
   */
  public ProcessTree(int firstPid) {
    super(Rank.PROCESS_TREE);
    lastPid = firstPid - 1;
  }

  /** Who traces whom: asked by wait(2) and exit(2). */
  public Tracing tracing() {
    return tracing;
  }

  /** A pid that no task, process group or session uses; EAGAIN if there is none. */
  public int allocatePid() {
    return ask(
        () -> {
          for (int tries = 0; tries < PID_MAX; tries++) {
            lastPid = lastPid + 1 >= PID_MAX ? 300 : lastPid + 1;
            if (free(lastPid)) {
              return lastPid;
            }
          }
          throw Errno.EAGAIN.exception();
        });
  }

  /** The pid given out last. */
  public int lastPid() {
    return ask(() -> lastPid);
  }

  private boolean free(int pid) {
    return !tasks.containsKey(pid)
        && !nodes.containsKey(pid)
        && !sessions.containsKey(pid)
        && nodes.values().stream().noneMatch(n -> n.pgid == pid);
  }

  /** Enters the first process: leader of a session and group of its own. */
  public void addFirst(ThreadGroup group) {
    ask(
        () -> {
          ProcessNode node = new ProcessNode(group, null, Signal.SIGCHLD);
          nodes.put(group.id(), node);
          becomeLeader(node);
        });
  }

  /**
   * Enters a new process, in the process group and session of its maker.
   *
   * @param asSibling its parent is the maker's parent (CLONE_PARENT)
   */
  public void add(ThreadGroup group, ThreadGroup maker, int exitSignal, boolean asSibling) {
    ask(
        () -> {
          ProcessNode from = node(maker);
          ProcessNode up = asSibling ? from.parent : from;
          ProcessNode node = new ProcessNode(group, up, exitSignal);
          node.session = from.session;
          node.pgid = from.pgid;
          if (up != null) {
            up.children.add(node);
          }
          nodes.put(group.id(), node);
          group.setMembership(node.pgid, node.session.id());
          group.setParentId(idOf(up));
        });
  }

  public void addTask(Task task) {
    tasks.put(task.threadId(), task);
  }

  public void removeTask(Task task) {
    tasks.remove(task.threadId(), task);
  }

  /** The live task of {@code tid}, or null. */
  public Task task(int tid) {
    return tasks.get(tid);
  }

  public Collection<Task> allTasks() {
    return tasks.values();
  }

  public int taskCount() {
    return tasks.size();
  }

  /** Tasks, with a zombie for each process that has ended: what the pids controller counts. */
  public int taskAndZombieCount() {
    return tasks.size() + ask(() -> (int) nodes.values().stream().filter(n -> n.zombie).count());
  }

  /** Tasks of the real user {@code uid}, with a zombie for each process that has ended. */
  public int tasksOf(int uid) {
    int live = (int) tasks.values().stream().filter(t -> t.credentials().uid() == uid).count();
    return live
        + ask(() -> (int) nodes.values().stream().filter(n -> n.zombie && n.uid == uid).count());
  }

  /** Pids of all processes, zombies included, ascending. */
  public List<Integer> pids() {
    return ask(() -> List.copyOf(nodes.keySet()));
  }

  /** The process of {@code pid}, zombies included, or null. */
  public ThreadGroup group(int pid) {
    return ask(
        () -> {
          ProcessNode n = nodes.get(pid);
          return n == null ? null : n.group;
        });
  }

  /**
   * The parent's pid: 0 for the first process and for those the sandbox has adopted, unless a
   * reaper has.
   */
  public int parentOf(ThreadGroup group) {
    return ask(
        () -> {
          ProcessNode n = nodes.get(group.id());
          return n == null ? NOBODY : idOf(n.parent);
        });
  }

  private static int idOf(ProcessNode parent) {
    return parent == null ? NOBODY : parent.group.id();
  }

  public boolean isZombie(ThreadGroup group) {
    return ask(
        () -> {
          ProcessNode n = nodes.get(group.id());
          return n != null && n.zombie;
        });
  }

  /** What children that were waited for have used. */
  public ResourceUsage childUsage(ThreadGroup group) {
    return ask(
        () -> {
          ProcessNode n = nodes.get(group.id());
          return n == null ? ResourceUsage.NONE : n.childUsage;
        });
  }

  // ---------------------------------------------------------------- process groups and sessions

  /** setsid(2): the new session's id; EPERM if the caller leads a process group. */
  public int createSession(ThreadGroup group) {
    return ask(
        () -> {
          ProcessNode n = node(group);
          if (nodes.values().stream().anyMatch(o -> o.pgid == group.id())) {
            throw Errno.EPERM.exception();
          }
          becomeLeader(n);
          return group.id();
        });
  }

  private void becomeLeader(ProcessNode n) {
    int id = n.group.id();
    n.session = new Session(id);
    sessions.put(id, n.session);
    n.pgid = id;
    n.group.setMembership(id, id);
  }

  /** setpgid(2) with pid and pgid already defaulted. */
  public void setProcessGroup(ThreadGroup caller, int pid, int pgid) {
    ask(
        () -> {
          ProcessNode self = node(caller);
          ProcessNode n = nodes.get(pid);
          if (n == null || n != self && n.parent != self) {
            throw Errno.ESRCH.exception();
          }
          if (n != self && n.session != self.session) {
            throw Errno.EPERM.exception();
          }
          if (n != self && n.execed) {
            throw Errno.EACCES.exception();
          }
          if (n.session.id() == pid) {
            throw Errno.EPERM.exception();
          }
          if (pgid != pid
              && nodes.values().stream()
                  .noneMatch(o -> o.pgid == pgid && o.session == self.session)) {
            throw Errno.EPERM.exception();
          }
          n.pgid = pgid;
          n.group.setMembership(pgid, n.session.id());
        });
  }

  public Session session(ThreadGroup group) {
    return ask(() -> node(group).session);
  }

  /** The session of that id, or null. */
  public Session session(int id) {
    return ask(() -> sessions.get(id));
  }

  /**
   * The session a process group belongs to; 0 if there is no such group. The pid of a process that
   * leads no group will do too (drivers/tty/tty_jobctrl.c: session_of_pgrp).
   */
  public int sessionOfGroup(int pgid) {
    return ask(
        () -> {
          for (ProcessNode n : nodes.values()) {
            if (n.pgid == pgid) {
              return n.session.id();
            }
          }
          ProcessNode n = nodes.get(pgid);
          return n == null ? 0 : n.session.id();
        });
  }

  /**
   * A group is orphaned if no member has a parent in another group of the same session
   * (credentials(7)).
   */
  public boolean orphaned(int pgid) {
    return ask(() -> isOrphaned(pgid, null));
  }

  private boolean isOrphaned(int pgid, ProcessNode leavingOut) {
    for (ProcessNode n : nodes.values()) {
      if (n.pgid == pgid
          && n != leavingOut
          && !n.zombie
          && n.parent != null
          && n.parent.pgid != pgid
          && n.parent.session == n.session) {
        return false;
      }
    }
    return true;
  }

  // ---------------------------------------------------------------- signals to many

  /** The live processes that match, in pid order. */
  public List<ThreadGroup> groups(Predicate<ThreadGroup> wanted) {
    return ask(
        () -> {
          List<ThreadGroup> found = new ArrayList<>();
          for (ProcessNode n : nodes.values()) {
            if (wanted.test(n.group)) {
              found.add(n.group);
            }
          }
          return found;
        });
  }

  /**
   * Sends to a process and, for a continue, tells its parent.
   *
   * @return false if the user's quota of queued signals is used up (EAGAIN); true also if the
   *     signal is ignored
   */
  public boolean send(ThreadGroup group, SignalInfo info, Task target) {
    ThreadGroup.Sent sent = group.post(info, target);
    if (sent.effect() == ThreadGroup.Effect.CONTINUED) {
      ask(() -> changed(group, true, 0));
    }
    return !sent.refused();
  }

  /**
   * As {@link #send}; false if the signal was dropped: ignored, merged with a pending one, or the
   * process is gone.
   */
  public boolean post(ThreadGroup group, SignalInfo info, Task target) {
    ThreadGroup.Sent sent = group.post(info, target);
    if (sent.effect() == ThreadGroup.Effect.CONTINUED) {
      ask(() -> changed(group, true, 0));
    }
    return sent.added();
  }

  /** Sends to every member of a process group. */
  public void sendToGroup(int pgid, SignalInfo info) {
    for (ThreadGroup g : groups(g -> g.processGroupId() == pgid)) {
      send(g, info, null);
    }
  }

  /** As {@link #send}, from inside this actor. */
  private void sendFromInside(ThreadGroup group, SignalInfo info) {
    if (group.post(info, null).effect() == ThreadGroup.Effect.CONTINUED) {
      changed(group, true, 0);
    }
  }

  /** A process has stopped: its parent's wait and SIGCHLD. */
  public void reportStopped(ThreadGroup group, int signal) {
    ask(() -> changed(group, false, signal));
  }

  /**
   * A stop or a continue: what wait(2) sees and SIGCHLD, as one step (do_notify_parent_cldstop).
   */
  private void changed(ThreadGroup group, boolean continued, int signal) {
    ProcessNode n = nodes.get(group.id());
    if (n == null || n.zombie) { // It was continued, and has ended before we came here to tell.
      return;
    }
    n.stopUnreported = !continued;
    n.continueUnreported = continued;
    n.status = continued ? ChildEvent.CONTINUED : ChildEvent.stopped(signal);
    if (n.parent == null || n.parent.group == group.leaderTracer()) {
      return; // who traces it sees its threads stop, one by one
    }
    ThreadGroup parent = n.parent.group;
    if (!parent.action(Signal.SIGCHLD).has(SignalAction.SA_NOCLDSTOP)) {
      int code = continued ? SignalInfo.CLD_CONTINUED : SignalInfo.CLD_STOPPED;
      int status = continued ? Signal.SIGCONT : signal;
      sendFromInside(parent, new SignalInfo(Signal.SIGCHLD, 0, code, group.id(), 0, status, 0));
    }
    parent.childEvents().notifyEvents(1);
  }

  // ---------------------------------------------------------------- exec, exit, wait

  /** The process has called execve: its parent may not move it between groups any more. */
  public void executed(ThreadGroup group) {
    ask(() -> node(group).execed = true);
  }

  public void setSubreaper(ThreadGroup group, boolean on) {
    ask(() -> node(group).subreaper = on);
  }

  public boolean isSubreaper(ThreadGroup group) {
    return ask(() -> node(group).subreaper);
  }

  public void setParentDeathSignal(ThreadGroup group, int signal) {
    ask(() -> node(group).parentDeathSignal = signal);
  }

  public int parentDeathSignal(ThreadGroup group) {
    return ask(() -> node(group).parentDeathSignal);
  }

  /**
   * The last thread of {@code group} is gone: it becomes a zombie, or is reaped at once if its
   * parent ignores SIGCHLD or is the sandbox. All of it is one step for wait(2), as it is under
   * Linux's tasklist_lock (kernel/exit.c: exit_notify): a parent that has reaped a child has got
   * its SIGCHLD before.
   *
   * @return the session it led, or null
   */
  public Session exited(ThreadGroup group, int status, int uid, ResourceUsage usage) {
    return ask(
        () -> {
          ProcessNode n = node(group);
          Session session = n.session;
          n.zombie = true;
          n.status = status;
          n.uid = uid;
          n.usage = usage;
          n.stopUnreported = false;
          n.continueUnreported = false;
          leaveChildren(n);
          ThreadGroup tracer = group.leaderTracer();
          if (tracer != null && (n.parent == null || n.parent.group != tracer)) {
            tell(tracer, n, Signal.SIGCHLD); // and the parent when that one has waited
          } else if (n.parent == null) {
            reap(n);
          } else {
            tellParent(n);
          }
          return session.id() == group.id() ? session : null;
        });
  }

  /** Death signals to the children, and SIGHUP and SIGCONT to stopped groups now orphaned. */
  private void leaveChildren(ProcessNode n) {
    List<Integer> orphaned = new ArrayList<>();
    List<ProcessNode> bereaved = new ArrayList<>(n.children);
    ProcessNode heir = heirOf(n);
    n.children.clear();
    for (ProcessNode child : bereaved) {
      if (child.parentDeathSignal != 0) {
        sendFromInside(
            child.group,
            SignalInfo.from(child.parentDeathSignal, SignalInfo.SI_USER, n.group.id(), n.uid, 0));
      }
      adopt(child, heir);
      if (child.pgid != n.pgid && child.session == n.session) {
        collectOrphaned(child.pgid, orphaned);
      }
    }
    collectOrphaned(n.pgid, orphaned);
    for (int pgid : orphaned) {
      for (ProcessNode member : List.copyOf(nodes.values())) {
        if (member.pgid == pgid) {
          sendFromInside(member.group, SignalInfo.kernel(Signal.SIGHUP));
          sendFromInside(member.group, SignalInfo.kernel(Signal.SIGCONT));
        }
      }
    }
  }

  /** do_notify_parent(): SIGCHLD or what clone asked for; reaps if the parent does not care. */
  private void tellParent(ProcessNode n) {
    ThreadGroup parent = n.parent.group;
    SignalAction action = parent.action(Signal.SIGCHLD);
    boolean ordinary = n.exitSignal == Signal.SIGCHLD && n.group.leaderTracer() == null;
    boolean ignored = ordinary && action.handler() == SignalAction.SIG_IGN;
    if (ignored || ordinary && action.has(SignalAction.SA_NOCLDWAIT)) {
      reap(n);
    }
    tell(parent, n, ignored ? 0 : n.exitSignal);
  }

  private void tell(ThreadGroup who, ProcessNode n, int signal) {
    if (signal != 0) {
      boolean killed = (n.status & 0x7f) != 0;
      int value = killed ? n.status & 0x7f : n.status >> 8 & 0xff;
      sendFromInside(
          who, new SignalInfo(signal, 0, endCode(n.status), n.group.id(), n.uid, value, 0));
    }
    who.childEvents().notifyEvents(1);
  }

  /** {@code tracer} lets its tracees go; what it alone has seen end is their parents' again. */
  public void tracerGone(Task tracer) {
    for (ThreadGroup g : tracing.tracerGone(tracer)) {
      ask(() -> release(g));
    }
  }

  private void release(ThreadGroup group) {
    ProcessNode n = nodes.get(group.id());
    if (n == null || n.group != group || !n.zombie) {
      return;
    }
    if (n.parent == null) {
      reap(n);
    } else {
      tellParent(n);
    }
  }

  /** The CLD_ code of an end with that wait(2) status. */
  public static int endCode(int status) {
    if ((status & 0x7f) == 0) {
      return SignalInfo.CLD_EXITED;
    }
    return (status & 0x80) != 0 ? SignalInfo.CLD_DUMPED : SignalInfo.CLD_KILLED;
  }

  private void collectOrphaned(int pgid, List<Integer> orphaned) {
    if (!orphaned.contains(pgid)
        && isOrphaned(pgid, null)
        && nodes.values().stream()
            .anyMatch(o -> o.pgid == pgid && !o.zombie && o.group.stopped())) {
      orphaned.add(pgid);
    }
  }

  private ProcessNode heirOf(ProcessNode n) {
    for (ProcessNode up = n.parent; up != null; up = up.parent) {
      if (up.subreaper && !up.zombie) {
        return up;
      }
    }
    ProcessNode init = nodes.get(INIT);
    return init == null || init.zombie || init == n ? null : init;
  }

  private void adopt(ProcessNode child, ProcessNode heir) {
    child.parent = heir;
    child.group.setParentId(idOf(heir));
    if (heir != null) {
      heir.children.add(child);
      heir.group.childEvents().notifyEvents(1);
    } else if (child.zombie && child.group.leaderTracer() == null) {
      reap(child);
    }
  }

  private void reap(ProcessNode n) {
    nodes.remove(n.group.id());
    if (n.group.leaderTracer() != null) {
      tracing.forgetLeader(n.group);
    }
    if (n.parent != null) {
      n.parent.children.remove(n);
      n.parent.childUsage = n.parent.childUsage.plus(n.usage).plus(n.childUsage);
    }
    if (nodes.values().stream().noneMatch(o -> o.session == n.session)) {
      sessions.remove(n.session.id());
    }
  }

  /**
   * One look for a child that changed state.
   *
   * @param options wait(2) flags; WEXITED must be given for exits
   * @return the event, or null if there are matching children but none has one; ECHILD if there is
   *     no matching child
   */
  public ChildEvent poll(ThreadGroup caller, WaitSelector selector, int options) {
    return ask(
        () -> {
          boolean any = false;
          for (ProcessNode child : node(caller).children) {
            ThreadGroup tracer = child.group.leaderTracer();
            boolean mine = tracer == caller;
            if (!matches(child, selector, mine ? options | WALL : options)) {
              continue;
            }
            any = true;
            if (tracer != null && !mine && child.zombie) {
              continue; // it will be told when the tracer has waited
            }
            ChildEvent event = take(child, mine ? options & ~WUNTRACED : options);
            if (event != null) {
              return event;
            }
          }
          Tracing.Found found = tracing.poll(caller, t -> matches(t, selector), options);
          ChildEvent event =
              found.event() != null ? found.event() : takeTraced(caller, selector, options);
          if (event != null) {
            return event;
          }
          any |= found.any();
          if (!any) {
            throw Errno.ECHILD.exception();
          }
          return null;
        });
  }

  private static boolean matches(Task tracee, WaitSelector selector) {
    return switch (selector) {
      case WaitSelector.AnyChild a -> true;
      case WaitSelector.Pid p -> tracee.threadId() == p.pid();
      case WaitSelector.ProcessGroup g -> tracee.processGroupId() == g.pgid();
    };
  }

  /** The end of a process whose leader {@code caller} traces and whose parent is another. */
  private ChildEvent takeTraced(ThreadGroup caller, WaitSelector selector, int options) {
    if ((options & WEXITED) == 0) {
      return null;
    }
    for (ThreadGroup g : tracing.endedLeaders(caller)) {
      ProcessNode n = nodes.get(g.id());
      boolean held = n != null && n.group == g && n.zombie && g.leaderTracer() == caller;
      if (!held || !matches(n, selector, WALL)) {
        continue;
      }
      ChildEvent event = event(n, endCode(n.status));
      if ((options & WNOWAIT) == 0) {
        tracing.forgetLeader(g);
        release(g);
      }
      return event;
    }
    return null;
  }

  private static boolean matches(ProcessNode child, WaitSelector selector, int options) {
    boolean cloneChild = child.exitSignal != Signal.SIGCHLD;
    if ((options & WALL) == 0 && cloneChild != ((options & WCLONE) != 0)) {
      return false;
    }
    return switch (selector) {
      case WaitSelector.AnyChild a -> true;
      case WaitSelector.Pid p -> child.group.id() == p.pid();
      case WaitSelector.ProcessGroup g -> child.pgid == g.pgid();
    };
  }

  private ChildEvent take(ProcessNode n, int options) {
    boolean keep = (options & WNOWAIT) != 0;
    if (n.zombie) {
      if ((options & WEXITED) == 0) {
        return null;
      }
      if (!keep) {
        reap(n);
      }
      return event(n, endCode(n.status));
    }
    if (n.stopUnreported && (options & WUNTRACED) != 0) {
      n.stopUnreported = keep;
      return event(n, SignalInfo.CLD_STOPPED);
    }
    if (n.continueUnreported && (options & WCONTINUED) != 0) {
      n.continueUnreported = keep;
      return event(n, SignalInfo.CLD_CONTINUED);
    }
    return null;
  }

  private static ChildEvent event(ProcessNode n, int code) {
    ResourceUsage own = n.zombie ? n.usage : n.group.usage();
    return new ChildEvent(n.group.id(), n.uid, code, n.status, own.plus(n.childUsage));
  }

  private ProcessNode node(ThreadGroup group) {
    ProcessNode n = nodes.get(group.id());
    if (n == null) {
      throw Errno.ESRCH.exception();
    }
    return n;
  }
}
