package io.loomvisor.vfs.tty;

import io.loomvisor.vfs.Caller;

/** What terminals need to know of and do to processes. Called with no actor held. */
public interface JobControl {
  /**
   * The task on whose thread this is called; null for the sentry's own threads, which no rule of
   * job control concerns.
   */
  Caller current();

  /** The controlling terminal of the caller's process, or null. */
  Terminal controllingTerminal(Caller caller);

  /** Makes {@code terminal} that of the caller's session; false if the session has one. */
  boolean attach(Caller caller, Terminal terminal);

  /** {@code session} has {@code terminal} no more; nothing happens if it is not that one. */
  void detach(int session, Terminal terminal);

  /** The caller's process, not its session, gives its controlling terminal up. */
  void leave(Caller caller);

  /** Whether the calling thread blocks the signal or its process ignores it. */
  boolean ignores(Caller caller, TtySignal signal);

  boolean orphaned(int processGroup);

  /** The session of a process group; 0 if there is no such group. */
  int sessionOf(int processGroup);

  /** As kill(2) by the kernel. Groups without a member are nobody. */
  void signalGroup(int processGroup, TtySignal signal);

  /** Any signal number of 1 to 64, for TIOCSIG. */
  void signalGroup(int processGroup, int signal);

  /** To the leader of the session, if it lives. */
  void signalLeader(int session, TtySignal signal);
}
