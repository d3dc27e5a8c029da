package io.loomvisor.task.process;

import io.loomvisor.gofer.abi.Errno;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Process groups and sessions, and which processes are in them, zombies included (credentials(7)).
 * State of the {@link ProcessTree}'s actor.
 */
final class ProcessGroups {
  /** By process group and pid. No group is empty. */
  private final Map<Integer, TreeMap<Integer, ProcessNode>> members = new HashMap<>();

  private final Map<Integer, Session> sessions = new HashMap<>();

  /** How many processes a session has. */
  private final Map<Integer, Integer> sizes = new HashMap<>();

  /** Whether a process group or a session has that id: no new process may get it. */
  boolean uses(int id) {
    return members.containsKey(id) || sessions.containsKey(id);
  }

  /** The session of that id, or null. */
  Session session(int id) {
    return sessions.get(id);
  }

  /** Begins a session, and a group in it, with {@code n} as its leader. */
  void lead(ProcessNode n) {
    Session session = new Session(n.group.id());
    leave(n);
    sessions.put(session.id(), session);
    enter(n, session.id(), session);
  }

  /** A new process is where its maker is. */
  void follow(ProcessNode n, ProcessNode maker) {
    enter(n, maker.pgid, maker.session);
  }

  private void enter(ProcessNode n, int pgid, Session session) {
    n.session = session;
    n.pgid = pgid;
    sizes.merge(session.id(), 1, Integer::sum);
    members.computeIfAbsent(pgid, id -> new TreeMap<>()).put(n.group.id(), n);
    n.group.setMembership(pgid, session.id());
  }

  /** {@code n} is in no group any more, and in no session. */
  void leave(ProcessNode n) {
    if (n.session == null) {
      return;
    }
    TreeMap<Integer, ProcessNode> group = members.get(n.pgid);
    group.remove(n.group.id());
    if (group.isEmpty()) {
      members.remove(n.pgid);
    }
    if (sizes.merge(n.session.id(), -1, Integer::sum) == 0) {
      sizes.remove(n.session.id());
      sessions.remove(n.session.id());
    }
  }

  /** setsid(2); EPERM if {@code n} leads a process group. */
  void createSession(ProcessNode n) {
    if (members.containsKey(n.group.id())) {
      throw Errno.EPERM.exception();
    }
    lead(n);
  }

  /**
   * setpgid(2).
   *
   * @param n what has the pid in question, null for none
   */
  void setProcessGroup(ProcessNode caller, ProcessNode n, int pgid) {
    if (n == null || n != caller && n.parent != caller) {
      throw Errno.ESRCH.exception();
    }
    if (n != caller && n.session != caller.session) {
      throw Errno.EPERM.exception();
    }
    if (n != caller && n.execed) {
      throw Errno.EACCES.exception();
    }
    int pid = n.group.id();
    if (n.session.id() == pid || pgid != pid && !inSession(pgid, caller.session)) {
      throw Errno.EPERM.exception();
    }
    Session session = n.session;
    leave(n);
    enter(n, pgid, session);
  }

  private boolean inSession(int pgid, Session session) {
    return members(pgid).stream().anyMatch(n -> n.session == session);
  }

  /** In the order of their pids. */
  Collection<ProcessNode> members(int pgid) {
    TreeMap<Integer, ProcessNode> group = members.get(pgid);
    return group == null ? List.of() : group.values();
  }

  /** The session of a group, or null if there is no such group. */
  Session sessionOf(int pgid) {
    TreeMap<Integer, ProcessNode> group = members.get(pgid);
    return group == null ? null : group.firstEntry().getValue().session;
  }

  /** Whether no member has a parent in another group of the same session. */
  boolean orphaned(int pgid) {
    for (ProcessNode n : members(pgid)) {
      if (!n.zombie && n.parent != null && n.parent.pgid != pgid && n.parent.session == n.session) {
        return false;
      }
    }
    return true;
  }

  /** Orphaned, with a stopped member: nobody is left to continue it. */
  boolean stranded(int pgid) {
    return orphaned(pgid) && members(pgid).stream().anyMatch(n -> !n.zombie && n.group.stopped());
  }

  /** As {@link #members}, for who may change them while looking. */
  List<ProcessNode> membersNow(int pgid) {
    return new ArrayList<>(members(pgid));
  }
}
