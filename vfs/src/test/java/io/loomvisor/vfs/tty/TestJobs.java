package io.loomvisor.vfs.tty;

import io.loomvisor.vfs.Caller;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Processes for terminals under test: what was sent is kept. */
final class TestJobs implements JobControl {
  Caller current;
  final Map<Integer, Terminal> terminals = new HashMap<>();
  final Set<TtySignal> ignored = new HashSet<>();
  final Set<Integer> orphaned = new HashSet<>();
  final Map<Integer, Integer> sessions = new HashMap<>();
  final List<String> sent = new ArrayList<>();

  @Override
  public Caller current() {
    return current;
  }

  @Override
  public Terminal controllingTerminal(Caller caller) {
    return terminals.get(caller.sessionId());
  }

  @Override
  public boolean attach(Caller caller, Terminal terminal) {
    return terminals.putIfAbsent(caller.sessionId(), terminal) == null;
  }

  @Override
  public void detach(int session, Terminal terminal) {
    terminals.remove(session, terminal);
  }

  @Override
  public void leave(Caller caller) {
    sent.add("leave " + caller.threadGroupId());
  }

  @Override
  public boolean ignores(Caller caller, TtySignal signal) {
    return ignored.contains(signal);
  }

  @Override
  public boolean orphaned(int processGroup) {
    return orphaned.contains(processGroup);
  }

  @Override
  public int sessionOf(int processGroup) {
    return sessions.getOrDefault(processGroup, 0);
  }

  @Override
  public void signalGroup(int processGroup, TtySignal signal) {
    sent.add(signal + " to " + processGroup);
  }

  @Override
  public void signalGroup(int processGroup, int signal) {
    sent.add(signal + " to " + processGroup);
  }

  @Override
  public void signalLeader(int session, TtySignal signal) {
    sent.add(signal + " to leader " + session);
  }
}
