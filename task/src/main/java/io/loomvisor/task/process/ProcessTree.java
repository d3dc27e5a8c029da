package io.loomvisor.task.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.task.Task;
import io.loomvisor.task.ptrace.Tracing;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.util.ArrayList;
import java.util.Collection;
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
  /** The pid that, if a process has it, is the reaper of orphans; else the sandbox is. */
  public static final int INIT = 1;

  /** kernel.pid_max. */
  public static final int PID_MAX = 1 << 22;

  private final Map<Integer, Task> tasks = new ConcurrentHashMap<>();
  private final TreeMap<Integer, ProcessNode> nodes = new TreeMap<>();
  private final ProcessGroups groups = new ProcessGroups();
  private final Tracing tracing = new Tracing();
  private final ChildNotices notices = new ChildNotices(nodes);
  private final Reaper reaper = new Reaper(nodes, groups, notices, tracing);
  private final ChildWait waits = new ChildWait(nodes, reaper, tracing);
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
    return !tasks.containsKey(pid) && !nodes.containsKey(pid) && !groups.uses(pid);
  }

  /**
   * Enters a process from outside: leader of a session and group of its own.
   *
   * @param parent null for none in the sandbox
   */
  public void addFirst(ThreadGroup group, ThreadGroup parent) {
    ask(
        () -> {
          ProcessNode node = new ProcessNode(group, Signal.SIGCHLD);
          nodes.put(group.id(), node);
          groups.lead(node);
          node.setParent(parent == null ? null : node(parent));
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
          ProcessNode node = new ProcessNode(group, exitSignal);
          groups.follow(node, from);
          nodes.put(group.id(), node);
          node.setParent(asSibling ? from.parent : from);
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
          return n == null ? 0 : n.parentId();
        });
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
          groups.createSession(node(group));
          return group.id();
        });
  }

  /** setpgid(2) with pid and pgid already defaulted. */
  public void setProcessGroup(ThreadGroup caller, int pid, int pgid) {
    ask(() -> groups.setProcessGroup(node(caller), nodes.get(pid), pgid));
  }

  public Session session(ThreadGroup group) {
    return ask(() -> node(group).session);
  }

  /** The session of that id, or null. */
  public Session session(int id) {
    return ask(() -> groups.session(id));
  }

  /**
   * The session a process group belongs to; 0 if there is no such group. The pid of a process that
   * leads no group will do too (drivers/tty/tty_jobctrl.c: session_of_pgrp).
   */
  public int sessionOfGroup(int pgid) {
    return ask(
        () -> {
          Session session = groups.sessionOf(pgid);
          if (session != null) {
            return session.id();
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
    return ask(() -> groups.orphaned(pgid));
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
      ask(() -> notices.continued(group));
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
      ask(() -> notices.continued(group));
    }
    return sent.added();
  }

  /** Sends to every member of a process group. */
  public void sendToGroup(int pgid, SignalInfo info) {
    for (ThreadGroup g : ask(() -> groups.members(pgid).stream().map(n -> n.group).toList())) {
      send(g, info, null);
    }
  }

  /** A process has stopped: its parent's wait and SIGCHLD. */
  public void reportStopped(ThreadGroup group, int signal) {
    ask(() -> notices.stopped(group, signal));
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
          n.end(status, uid, usage);
          reaper.ended(n);
          return session.id() == group.id() ? session : null;
        });
  }

  /** {@code tracer} lets its tracees go; what it alone has seen end is their parents' again. */
  public void tracerGone(Task tracer) {
    for (ThreadGroup g : tracing.tracerGone(tracer)) {
      ask(() -> reaper.release(g));
    }
  }

  /**
   * One look for a child that changed state.
   *
   * @param options of {@link WaitOptions}; WEXITED must be given for exits
   * @return the event, or null if there are matching children but none has one; ECHILD if there is
   *     no matching child
   */
  public ChildEvent poll(ThreadGroup caller, WaitSelector selector, int options) {
    return ask(() -> waits.poll(node(caller), selector, options));
  }

  private ProcessNode node(ThreadGroup group) {
    ProcessNode n = nodes.get(group.id());
    if (n == null) {
      throw Errno.ESRCH.exception();
    }
    return n;
  }
}
