package io.loomvisor.task.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.task.Task;
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
  private int lastPid;

  /**
   * @param firstPid the pid that the first process gets
   */
  public ProcessTree(int firstPid) {
    super(Rank.PROCESS_TREE);
    lastPid = firstPid - 1;
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

  /** Times of children that were waited for: user, system, in ns. */
  public long[] childTimes(ThreadGroup group) {
    return ask(
        () -> {
          ProcessNode n = node(group);
          return new long[] {n.childUserTime, n.childSystemTime};
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

  /** The session a process group belongs to; 0 if there is no such group. */
  public int sessionOfGroup(int pgid) {
    return ask(
        () -> {
          for (ProcessNode n : nodes.values()) {
            if (n.pgid == pgid) {
              return n.session.id();
            }
          }
          return 0;
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

  /** Sends to a process and, for a continue, tells its parent. */
  public void send(ThreadGroup group, SignalInfo info, Task target) {
    post(group, info, target);
  }

  /**
   * As {@link #send}; false if the signal was dropped: ignored, merged with a pending one, or the
   * process is gone.
   */
  public boolean post(ThreadGroup group, SignalInfo info, Task target) {
    ThreadGroup.Sent sent = group.post(info, target);
    if (sent.effect() == ThreadGroup.Effect.CONTINUED) {
      report(group, true, 0);
    }
    return sent.added();
  }

  /** Sends to every member of a process group. */
  public void sendToGroup(int pgid, SignalInfo info) {
    for (ThreadGroup g : groups(g -> g.processGroupId() == pgid)) {
      send(g, info, null);
    }
  }

  /** A process has stopped: its parent's wait and SIGCHLD. */
  public void reportStopped(ThreadGroup group, int signal) {
    report(group, false, signal);
  }

  private void report(ThreadGroup group, boolean continued, int signal) {
    ThreadGroup parent =
        ask(
            () -> {
              ProcessNode n = nodes.get(group.id());
              if (n == null
                  || n.zombie) { // It was continued, and has ended before we came here to tell.
                return null;
              }
              n.stopUnreported = !continued;
              n.continueUnreported = continued;
              n.status = continued ? ChildEvent.CONTINUED : ChildEvent.stopped(signal);
              return n.parent == null ? null : n.parent.group;
            });
    if (parent == null) {
      return;
    }
    if (!parent.action(Signal.SIGCHLD).has(SignalAction.SA_NOCLDSTOP)) {
      int code = continued ? SignalInfo.CLD_CONTINUED : SignalInfo.CLD_STOPPED;
      int status = continued ? Signal.SIGCONT : signal;
      parent.send(new SignalInfo(Signal.SIGCHLD, 0, code, group.id(), 0, status, 0), null);
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

  /** What an exit sets off, to be done with no actor held. */
  private record Aftermath(
      ThreadGroup parent,
      int signal,
      boolean leader,
      Session session,
      List<Integer> orphanedGroups,
      List<ProcessNode> bereaved) {}

  /**
   * The last thread of {@code group} is gone: it becomes a zombie, or is reaped at once if its
   * parent ignores SIGCHLD or is the sandbox.
   *
   * @return the session it led, or null
   */
  public Session exited(ThreadGroup group, int status, int uid, long userTime, long systemTime) {
    Aftermath after = ask(() -> bury(node(group), status, uid, userTime, systemTime));
    for (ProcessNode child : after.bereaved) {
      if (child.parentDeathSignal != 0) {
        send(
            child.group,
            SignalInfo.from(child.parentDeathSignal, SignalInfo.SI_USER, group.id(), uid, 0),
            null);
      }
    }
    for (int pgid : after.orphanedGroups) {
      sendToGroup(pgid, SignalInfo.kernel(Signal.SIGHUP));
      sendToGroup(pgid, SignalInfo.kernel(Signal.SIGCONT));
    }
    if (after.parent != null) {
      tellParent(group, after, status, uid, userTime, systemTime);
    }
    return after.leader ? after.session : null;
  }

  private void tellParent(
      ThreadGroup group, Aftermath after, int status, int uid, long userTime, long systemTime) {
    ThreadGroup parent = after.parent;
    SignalAction action = parent.action(Signal.SIGCHLD);
    boolean autoReap =
        after.signal == Signal.SIGCHLD
            && (action.handler() == SignalAction.SIG_IGN || action.has(SignalAction.SA_NOCLDWAIT));
    if (autoReap) {
      ask(
          () -> {
            ProcessNode n = nodes.get(group.id());
            if (n != null) {
              reap(n);
            }
          });
    }
    if (after.signal != 0 && action.handler() != SignalAction.SIG_IGN) {
      boolean killed = (status & 0x7f) != 0;
      int code =
          killed
              ? (status & 0x80) != 0 ? SignalInfo.CLD_DUMPED : SignalInfo.CLD_KILLED
              : SignalInfo.CLD_EXITED;
      int value = killed ? status & 0x7f : status >> 8 & 0xff;
      parent.send(new SignalInfo(after.signal, 0, code, group.id(), uid, value, 0), null);
    }
    parent.childEvents().notifyEvents(1);
  }

  private Aftermath bury(ProcessNode n, int status, int uid, long userTime, long systemTime) {
    n.zombie = true;
    n.status = status;
    n.uid = uid;
    n.userTime = userTime;
    n.systemTime = systemTime;
    n.stopUnreported = false;
    n.continueUnreported = false;
    List<Integer> orphaned = new ArrayList<>();
    List<ProcessNode> bereaved = new ArrayList<>(n.children);
    ProcessNode heir = heirOf(n);
    for (ProcessNode child : bereaved) {
      adopt(child, heir);
      if (child.pgid != n.pgid && child.session == n.session) {
        collectOrphaned(child.pgid, orphaned);
      }
    }
    n.children.clear();
    collectOrphaned(n.pgid, orphaned);
    boolean leader = n.session.id() == n.group.id();
    ProcessNode parent = n.parent;
    if (parent == null) {
      reap(n);
    }
    return new Aftermath(
        parent == null ? null : parent.group, n.exitSignal, leader, n.session, orphaned, bereaved);
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
    return null;
  }

  private void adopt(ProcessNode child, ProcessNode heir) {
    child.parent = heir;
    child.group.setParentId(idOf(heir));
    if (heir != null) {
      heir.children.add(child);
      heir.group.childEvents().notifyEvents(1);
    } else if (child.zombie) {
      reap(child);
    }
  }

  private void reap(ProcessNode n) {
    nodes.remove(n.group.id());
    if (n.parent != null) {
      n.parent.children.remove(n);
      n.parent.childUserTime += n.userTime + n.childUserTime;
      n.parent.childSystemTime += n.systemTime + n.childSystemTime;
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
            if (!matches(child, selector, options)) {
              continue;
            }
            any = true;
            ChildEvent event = take(child, options);
            if (event != null) {
              return event;
            }
          }
          if (!any) {
            throw Errno.ECHILD.exception();
          }
          return null;
        });
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
      boolean killed = (n.status & 0x7f) != 0;
      int code =
          killed
              ? (n.status & 0x80) != 0 ? SignalInfo.CLD_DUMPED : SignalInfo.CLD_KILLED
              : SignalInfo.CLD_EXITED;
      if (!keep) {
        reap(n);
      }
      return new ChildEvent(
          n.group.id(),
          n.uid,
          code,
          n.status,
          n.userTime + n.childUserTime,
          n.systemTime + n.childSystemTime);
    }
    if (n.stopUnreported && (options & WUNTRACED) != 0) {
      n.stopUnreported = keep;
      return new ChildEvent(n.group.id(), n.uid, SignalInfo.CLD_STOPPED, n.status, 0, 0);
    }
    if (n.continueUnreported && (options & WCONTINUED) != 0) {
      n.continueUnreported = keep;
      return new ChildEvent(
          n.group.id(), n.uid, SignalInfo.CLD_CONTINUED, ChildEvent.CONTINUED, 0, 0);
    }
    return null;
  }

  private ProcessNode node(ThreadGroup group) {
    ProcessNode n = nodes.get(group.id());
    if (n == null) {
      throw Errno.ESRCH.exception();
    }
    return n;
  }
}
