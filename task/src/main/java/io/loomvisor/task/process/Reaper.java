package io.loomvisor.task.process;

import io.loomvisor.task.ptrace.Tracing;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalInfo;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The end of processes: zombies, orphans and who gets them (kernel/exit.c: exit_notify,
 * forget_original_parent). Works inside the {@link ProcessTree}'s actor.
 */
final class Reaper {
  private final Map<Integer, ProcessNode> nodes;
  private final ProcessGroups groups;
  private final ChildNotices notices;
  private final Tracing tracing;

  /**
   * @param nodes the tree's, by pid
   */
  Reaper(
      Map<Integer, ProcessNode> nodes,
      ProcessGroups groups,
      ChildNotices notices,
      Tracing tracing) {
    this.nodes = nodes;
    this.groups = groups;
    this.notices = notices;
    this.tracing = tracing;
  }

  /** {@code n} has become a zombie: told to whom it concerns, or reaped at once. */
  void ended(ProcessNode n) {
    leaveChildren(n);
    ThreadGroup tracer = n.group.leaderTracer();
    if (tracer != null && (n.parent == null || n.parent.group != tracer)) {
      notices.ended(tracer, n, Signal.SIGCHLD); // and the parent when that one has waited
    } else {
      handOver(n);
    }
  }

  /** A tracer has let go of {@code group}: if it is a zombie, that is its parent's to know now. */
  void release(ThreadGroup group) {
    ProcessNode n = nodes.get(group.id());
    if (n != null && n.group == group && n.zombie) {
      handOver(n);
    }
  }

  private void handOver(ProcessNode n) {
    if (n.parent == null) {
      reap(n);
    } else {
      tellParent(n);
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
    notices.ended(parent, n, ignored ? 0 : n.exitSignal);
  }

  /** Death signals to the children, and SIGHUP and SIGCONT to stopped groups now orphaned. */
  private void leaveChildren(ProcessNode n) {
    Set<Integer> stranded = new LinkedHashSet<>();
    List<ProcessNode> bereaved = new ArrayList<>(n.children);
    ProcessNode heir = heirOf(n);
    n.children.clear();
    for (ProcessNode child : bereaved) {
      if (child.parentDeathSignal != 0) {
        notices.send(
            child.group,
            SignalInfo.from(child.parentDeathSignal, SignalInfo.SI_USER, n.group.id(), n.uid, 0));
      }
      adopt(child, heir);
      if (child.pgid != n.pgid && child.session == n.session && groups.stranded(child.pgid)) {
        stranded.add(child.pgid);
      }
    }
    if (groups.stranded(n.pgid)) {
      stranded.add(n.pgid);
    }
    for (int pgid : stranded) {
      for (ProcessNode member : groups.membersNow(pgid)) {
        notices.send(member.group, SignalInfo.kernel(Signal.SIGHUP));
        notices.send(member.group, SignalInfo.kernel(Signal.SIGCONT));
      }
    }
  }

  /** The nearest subreaper, else the init, else null: the sandbox. */
  private ProcessNode heirOf(ProcessNode n) {
    for (ProcessNode up = n.parent; up != null; up = up.parent) {
      if (up.subreaper && !up.zombie) {
        return up;
      }
    }
    ProcessNode init = nodes.get(ProcessTree.INIT);
    return init == null || init.zombie || init == n ? null : init;
  }

  /** reparent_leader(): whoever gets a zombie is told as if it had just ended. */
  private void adopt(ProcessNode child, ProcessNode heir) {
    child.setParent(heir);
    child.exitSignal = Signal.SIGCHLD;
    if (child.zombie && child.group.leaderTracer() == null) {
      handOver(child);
    } else if (heir != null) {
      heir.group.childEvents().notifyEvents(1);
    }
  }

  /** Nothing is left of {@code n} but what it has used. */
  void reap(ProcessNode n) {
    nodes.remove(n.group.id());
    if (n.group.leaderTracer() != null) {
      tracing.forgetLeader(n.group);
    }
    if (n.parent != null) {
      n.parent.children.remove(n);
      n.parent.childUsage = n.parent.childUsage.plus(n.usage).plus(n.childUsage);
    }
    groups.leave(n);
  }
}
