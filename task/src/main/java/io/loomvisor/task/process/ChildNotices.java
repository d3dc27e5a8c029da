package io.loomvisor.task.process;

import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalInfo;
import java.util.Map;

/**
 * What a parent hears of its children: SIGCHLD, and that wait(2) has something to see. Works inside
 * the {@link ProcessTree}'s actor, as one step with the change itself (Linux: tasklist_lock).
 */
final class ChildNotices {
  private final Map<Integer, ProcessNode> nodes;

  /**
   * @param nodes the tree's, by pid
   */
  ChildNotices(Map<Integer, ProcessNode> nodes) {
    this.nodes = nodes;
  }

  /** Sends to a process and, for a continue, tells its parent. */
  void send(ThreadGroup group, SignalInfo info) {
    if (group.post(info, null).effect() == ThreadGroup.Effect.CONTINUED) {
      continued(group);
    }
  }

  void continued(ThreadGroup group) {
    changed(group, SignalInfo.CLD_CONTINUED, Signal.SIGCONT, ChildEvent.CONTINUED);
  }

  void stopped(ThreadGroup group, int signal) {
    changed(group, SignalInfo.CLD_STOPPED, signal, ChildEvent.stopped(signal));
  }

  /** do_notify_parent_cldstop(). */
  private void changed(ThreadGroup group, int code, int signal, int status) {
    ProcessNode n = nodes.get(group.id());
    if (n == null || n.zombie) { // It was continued, and has ended before we came here to tell.
      return;
    }
    n.stopUnreported = code == SignalInfo.CLD_STOPPED;
    n.continueUnreported = code == SignalInfo.CLD_CONTINUED;
    n.status = status;
    if (n.parent == null || n.parent.group == group.leaderTracer()) {
      return; // who traces it sees its threads stop, one by one
    }
    ThreadGroup parent = n.parent.group;
    if (!parent.action(Signal.SIGCHLD).has(SignalAction.SA_NOCLDSTOP)) {
      send(parent, new SignalInfo(Signal.SIGCHLD, 0, code, group.id(), 0, signal, 0));
    }
    parent.childEvents().notifyEvents(1);
  }

  /**
   * {@code n} has ended.
   *
   * @param signal to send; 0 for none
   */
  void ended(ThreadGroup who, ProcessNode n, int signal) {
    if (signal != 0) {
      boolean killed = (n.status & 0x7f) != 0;
      int value = killed ? n.status & 0x7f : n.status >> 8 & 0xff;
      int code = ChildEvent.endCode(n.status);
      send(who, new SignalInfo(signal, 0, code, n.group.id(), n.uid, value, 0));
    }
    who.childEvents().notifyEvents(1);
  }
}
